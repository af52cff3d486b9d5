// The frame of every program: exit codes, one clear message, interruption.
#pragma once

#include <functional>
#include <string>

namespace migbench {

/// Runs `body`, and turns what it throws into one line on standard error ("program: message") and
/// the exit code of bench/error.hpp. Use it as the only statement of main.
int run_program(const std::string& program, const std::function<int()>& body);

/// After this call SIGINT, SIGTERM and SIGHUP do not end the process but make interrupted() true (a
/// second one ends it), and writing to who has gone is an error that the call returns.
void catch_interrupts();
[[nodiscard]] bool interrupted() noexcept;

/// Whether to use colours on this stream: a terminal, TERM is not dumb, and NO_COLOR is not set
/// (no-color.org).
[[nodiscard]] bool use_colours(int descriptor);

}  // namespace migbench
