// Finds a driver's JSON document in what a launch printed.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

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

}  // namespace migbench
