// What mpiBLAST writes with --time-profile.
//
// A table that begins with "group profile: NAME, NAME ..." has a line of numbers for each group of
// workers, the first of them the group's number; "NAME: NUMBER" lines, in seconds, follow. Releases
// differ in what they name.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace migbench::blast {

/// {"seconds": {NAME: NUMBER}, "groups": [{"group": NUMBER, NAME: NUMBER}], "text": all of it}.
/// What is neither is in the text alone.
[[nodiscard]] nlohmann::json read_time_profile(const std::string& text);

}  // namespace migbench::blast
