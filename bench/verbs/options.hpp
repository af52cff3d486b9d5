// What the user asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bench/verbs/connected.hpp"
#include "bench/verbs/plan.hpp"
#include "bench/verbs/settings.hpp"

namespace migbench::verbs {

struct Options {
  Settings settings{};
  Plan plan{};
  LocalChoice local{};
  std::string host{};                 ///< of the server; empty: this is the server
  std::string bind{};                 ///< the own address
  std::uint16_t port = 7712;          ///< of the control connection
  std::optional<Nanoseconds> wait{};  ///< server: for a client; client: for the server
  std::optional<std::string> json{};  ///< a file, or "-"
  bool list = false;
};

/// Options, or the text of --help or --version.
struct Parsed {
  std::optional<Options> options{};
  std::string text{};
};

/// Throws InputError.
[[nodiscard]] Parsed parse_options(Mode mode, int argc, const char* const* argv);

[[nodiscard]] std::string program_name(Mode mode);

}  // namespace migbench::verbs
