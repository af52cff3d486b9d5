// The block of lines in which the NAS Parallel Benchmarks report a run, of releases 3.3 and 3.4,
// MPI, OpenMP and serial; migbench-npb prints the same.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace migbench {

struct NpbBlock {
  std::string kernel;         ///< "FT"
  std::string problem_class;  ///< "A"
  std::string size;           ///< as printed: "256x 256x 128"
  int iterations = 0;
  double seconds = 0;            ///< printed with 0.01 s: 0 for the shortest runs
  double mops = 0;               ///< in all processes
  std::optional<int> processes;  ///< or threads; none from a serial build
  bool threads = false;          ///< whether `processes` counts threads
  bool verified = false;         ///< "SUCCESSFUL", nothing else
  std::string version;
};

/// Throws Error where the text has no block, more than one, or one with a line missing or
/// malformed.
[[nodiscard]] NpbBlock parse_npb_block(std::string_view text);

/// Whether there is anything like a block at all.
[[nodiscard]] bool has_npb_block(std::string_view text);

/// {"program": "npb-original", "kernel", "class", "size", "iterations", "seconds",
/// "seconds_resolution", "mops", "processes" or "threads", "verified", "version"}
[[nodiscard]] nlohmann::json npb_block_document(const NpbBlock& block);

}  // namespace migbench
