// A software RDMA device (rdma_rxe) over a network interface of an emulated host.
#pragma once

#include <string_view>

#include "harness/site/place.hpp"

namespace migbench::lab {

inline constexpr const char* kDevice = "rxe0";

/// Gives `interface` the address ("10.78.0.11/24"; empty: it has one), brings it up, makes the
/// device, and waits until its port is active with a GID of that address. Throws Error.
void make_soft_roce(const Place& place, std::string_view interface, std::string_view address);

/// Undoes it: no device, no address, the interface down. Nothing happens to what is not there.
void remove_soft_roce(const Place& place, std::string_view interface);

}  // namespace migbench::lab
