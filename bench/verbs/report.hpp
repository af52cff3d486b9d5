// The document and the table of a measurement.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/error.hpp"
#include "bench/recorder.hpp"
#include "bench/verbs/latency.hpp"
#include "bench/verbs/options.hpp"

namespace migbench::verbs {

/// An entry of the document's "results"; docs/verbs.md describes it. Throws Error where there is no
/// sample.
[[nodiscard]] nlohmann::json result_json(const Options& options, Bytes size,
                                         const Measured& measured, const Recorder& recorder,
                                         double clock_cost_ns);

class Report {
 public:
  Report(const Options& options, const std::vector<std::string>& argv, Connected& link);

  void add(nlohmann::json result);
  void add_corruption(Bytes size, const std::string& what);
  void set_counters(const nlohmann::json& client, const nlohmann::json& server);
  /// Writes the document. The exit code.
  [[nodiscard]] ExitCode finish();

  [[nodiscard]] double clock_cost_ns() const;

 private:
  void print(const std::string& text);
  void print_head();

  const Options& options_;
  std::FILE* table_;
  nlohmann::json document_;
};

}  // namespace migbench::verbs
