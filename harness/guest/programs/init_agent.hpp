// The exec agent: one connection, one command (see harness/guest/agent_frames.hpp).
#pragma once

#include <cstdint>

namespace migbench::guest {

[[nodiscard]] int listen_for_agent(std::uint16_t port);

/// Accepts one connection and serves it in a process of its own; returns at once, also when a
/// signal interrupted the wait. What a command started is killed when its connection ends first.
void accept_one(int listener);

/// Commands run in this directory as their root from now on; "": as they are.
void set_command_root(const char* path);

}  // namespace migbench::guest
