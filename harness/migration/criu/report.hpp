// What CRIU leaves behind of a dump or a restore: its log and its statistics.
#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

namespace migbench::criu {

/// The errors of a log, joined by "; ", at most three, without those that are known to be harmless;
/// "it said nothing (LOG)" where there is none.
[[nodiscard]] std::string log_errors(const std::filesystem::path& log);

/// stats-dump or stats-restore as JSON: the names of CRIU's stats.proto, times in microseconds.
/// Null where there is no such file. Throws Error where it is none of CRIU's.
[[nodiscard]] nlohmann::json read_statistics(const std::filesystem::path& file);

}  // namespace migbench::criu
