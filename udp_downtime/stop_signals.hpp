// What ends a probe run early: a signal, or the end of standard input.
#pragma once

#include "bench/units.hpp"
#include "udp_downtime/endpoint.hpp"

namespace migbench::udp {

enum class Wake { timeout, signal, input_closed };

/// From construction on SIGINT, SIGTERM and SIGHUP are read from wait() and do not end the process.
/// Make it before any thread is started: threads inherit what is blocked.
class StopSignals {
 public:
  /// Throws Error.
  StopSignals();

  /// Waits for a signal, for the end of standard input where `watch_input` is set, or for
  /// `patience`. After a first signal a SIGINT ends the process: a user who asks twice means it. A
  /// second SIGTERM does not: whoever ends a process group may well send it twice.
  [[nodiscard]] Wake wait(Nanoseconds patience, bool watch_input);

 private:
  Descriptor signals_;
};

}  // namespace migbench::udp
