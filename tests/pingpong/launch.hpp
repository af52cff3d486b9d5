// Runs the real program under the real mpirun.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace migbench::pingpong {

struct Launched {
  int status = 0;  ///< exit status of mpirun
  std::string out;
  std::string err;
  /// Standard output as the document that --json prints.
  [[nodiscard]] nlohmann::json document() const { return nlohmann::json::parse(out); }
};

/// `mpirun -np RANKS PROGRAM ARGUMENTS`, the arguments as a shell reads them. `prefix` stands
/// before mpirun ("VARIABLE=value"). A launch that hangs is ended after a minute.
Launched launch(int ranks, const std::string& arguments, const std::string& program = PINGPONG,
                const std::string& prefix = "");

}  // namespace migbench::pingpong
