// libvirt's errors as ours.
#pragma once

#include <string>

#include "bench/error.hpp"

namespace migbench::libvirt {

/// An Error that says what was tried and libvirt's own message. Call it first thing after the
/// failed call: libvirt keeps one last error a thread.
[[nodiscard]] Error last_error(const std::string& tried);

/// libvirt's message alone, and its code (virErrorNumber).
struct Failure {
  int code = 0;
  std::string message;
};
[[nodiscard]] Failure last_failure();

}  // namespace migbench::libvirt
