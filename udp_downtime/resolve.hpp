#pragma once

#include <cstdint>
#include <string>

#include "udp_downtime/endpoint.hpp"

namespace migbench::udp {

/// The first address of a host name, or the numeric address as it is. Throws InputError.
[[nodiscard]] Endpoint resolve(const std::string& host, std::uint16_t port);

}  // namespace migbench::udp
