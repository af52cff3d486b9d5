// Runs of fake cells in directories that go with the test.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "harness/plan/expand.hpp"
#include "harness/run/engine.hpp"

namespace migbench::testing {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    auto pattern = (std::filesystem::temp_directory_path() / "migbench-test-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A plan of the fake site with these experiments; `more`: further keys, each followed by a comma.
inline Plan plan_of(const std::string& experiments, const std::string& more = "") {
  auto plan = read_plan(
      parse_plan_text(fmt::format(R"({{"schema": "migbench-plan/1", "name": "t", "seed": 11, {}
                      "site": {{"kind": "fake", "nodes": 2}}, "settle": "1ms",
                      "experiments": [{}]}})",
                                  more, experiments),
                      "test.json"));
  return plan;
}

inline RunDirectory new_run(const std::filesystem::path& root, const Plan& plan) {
  return RunDirectory::create(root, plan, expand(plan), {"migbench", "run", "test.json"});
}

inline RunSummary execute_quietly(RunDirectory& run) {
  Progress progress(Progress::Style::none);
  return execute(run, {"migbench", "run", "test.json"}, progress);
}

/// Runs a plan to its end and returns the records.
inline std::vector<Record> records_of(const Plan& plan, RunSummary* summary = nullptr) {
  const TemporaryDirectory root;
  auto run = new_run(root.path(), plan);
  const auto result = execute_quietly(run);
  if (summary != nullptr) *summary = result;
  return read_records(run.path());
}

inline std::size_t lines_in(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::size_t count = 0;
  for (std::string line; std::getline(stream, line);)
    ++count;
  return count;
}

inline nlohmann::json run_json(const std::filesystem::path& run) {
  return nlohmann::json::parse(std::ifstream(run / "run.json"));
}

}  // namespace migbench::testing
