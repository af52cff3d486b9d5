// A software RDMA device (rdma_rxe) over a network interface of a guest or of an emulated host.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "harness/guest/image.hpp"
#include "harness/site/place.hpp"

namespace migbench::lab {

inline constexpr const char* kDevice = "rxe0";

/// Adds to a guest what a soft-RoCE device needs in it: modules, the provider of libibverbs, the
/// programs that set it up. Nothing is added twice.
void add_soft_roce(guest::Recipe& recipe);

/// Gives `interface` the address ("10.78.0.11/24"; empty: it has one), brings it up, makes the
/// device, and waits until its port is active with a GID of that address. Throws Error.
void make_soft_roce(const Place& place, std::string_view interface, std::string_view address);

/// Undoes it: no device, no address, the interface down. Nothing happens to what is not there.
void remove_soft_roce(const Place& place, std::string_view interface);

}  // namespace migbench::lab
