// Finds a driver's JSON document in what a launch printed.
#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bench/error.hpp"
#include "harness/site/command.hpp"

namespace migbench {

/// The document of `program` on standard output; null where there is none. Launchers and run-time
/// libraries may print lines of their own before and after it: a document is an object that starts
/// a line and whose "program" is the one that was asked for.
[[nodiscard]] nlohmann::json find_driver_document(const Finished& finished,
                                                  std::string_view program);

/// The same, but throws Error where the launch failed or printed no such document.
[[nodiscard]] nlohmann::json require_driver_document(const Finished& finished,
                                                     std::string_view program);

/// What `read` makes of it; throws Error as well where something is not in it that `read` looks
/// for.
template <class Read>
[[nodiscard]] auto read_document(const Finished& finished, std::string_view program, Read&& read) {
  const nlohmann::json document = require_driver_document(finished, program);
  try {
    return read(document);
  } catch (const nlohmann::json::exception& error) {
    throw Error(fmt::format("the document of {} is not what this version writes: {}", program,
                            error.what()));
  }
}

}  // namespace migbench
