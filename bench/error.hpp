// What can go wrong, in three kinds that every part of migbench tells apart.
//
//   InputError   the user's input is wrong; one message with where and what to do; exit code 2
//   Error        something that should have worked did not: what was tried, what came back, what to
//   do Unsupported  an expected absence (no such device, kernel or program): a value, never thrown
#pragma once

#include <optional>
#include <stdexcept>
#include <string>

namespace migbench {

class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An Error whose message ends with errno's text: system_error("open /dev/kvm", "load the kvm
/// module"). Reads errno, so call it first thing after the failed call.
[[nodiscard]] Error system_error(const std::string& tried, const std::string& remedy = "");

/// Why something cannot run here, and what would make it run.
struct Unsupported {
  std::string reason;
  std::string remedy;
};

/// Empty: it can run here.
using Support = std::optional<Unsupported>;

/// The exit codes of every migbench program.
enum class ExitCode : int {
  ok = 0,
  failed = 1,             ///< something that ran failed
  bad_input = 2,          ///< nothing ran: the input has to be mended
  nothing_could_run = 3,  ///< nothing here could run it
  interrupted = 130,      ///< SIGINT or SIGTERM; what was finished is on disk
};

}  // namespace migbench
