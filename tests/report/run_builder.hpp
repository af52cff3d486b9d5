// Small stored runs for tests, written as the run's own code writes them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/run/record.hpp"
#include "tests/stats/noise.hpp"

namespace migbench {

/// A directory that is gone at the end of the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

class RunBuilder {
 public:
  explicit RunBuilder(std::filesystem::path root);

  std::string state = "finished";
  nlohmann::json compare = nlohmann::json::object();
  std::vector<std::string> labels{"virtual nodes"};

  /// Adds a cell; its id is made of its names and parameters.
  Cell& cell(const std::string& environment, const std::string& workload,
             const std::string& technique = "",
             const nlohmann::json& parameters = nlohmann::json::object());
  /// The next trial of a cell.
  Record& record(const Cell& cell, std::vector<Metric> metrics);
  Record& bad(const Cell& cell, Outcome outcome, const std::string& reason,
              const std::string& remedy = "");
  /// Writes RUN and gives its path.
  [[nodiscard]] std::filesystem::path write() const;

 private:
  std::filesystem::path path_;
  std::vector<Cell> cells_;
  std::vector<Record> records_;
};

/// A run as the quick plan makes it: MPI latency native and in a container (10 % slower at 8 bytes,
/// equal at 4 KiB), one environment that is unsupported, and a container that was frozen.
[[nodiscard]] std::filesystem::path write_quick_run(const std::filesystem::path& root);

/// Two techniques over three sizes of memory, with phases, a probe and a control.
[[nodiscard]] std::filesystem::path write_sweep_run(const std::filesystem::path& root);

}  // namespace migbench
