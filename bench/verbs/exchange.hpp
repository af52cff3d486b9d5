// Connecting queue pairs without a connection manager: numbers, addresses and sequence numbers are
// exchanged over TCP, then each side moves its own queue pairs to "ready to send".
#pragma once

#include "bench/verbs/control.hpp"
#include "bench/verbs/endpoint.hpp"

namespace migbench::verbs {

/// Returns the path MTU in bytes. Throws Error, or InputError where --mtu is more than a port has.
int connect_queue_pairs(Endpoint& endpoint, const Settings& settings, Control& control);

}  // namespace migbench::verbs
