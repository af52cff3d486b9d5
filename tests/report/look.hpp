// What the tests of reports have in common.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/error.hpp"
#include "harness/plan/schema.hpp"
#include "harness/report/report.hpp"
#include "tests/catch.hpp"
#include "tests/report/run_builder.hpp"

namespace migbench {

inline void check_valid(const nlohmann::json& report) {
  for (const Complaint& complaint : check_schema(published_schema("report"), report))
    FAIL_CHECK(complaint.pointer << ": " << complaint.message);
}

inline std::vector<Metric> one_metric(double value) {
  return {{"latency", {{"size", 8}}, value, "us", Better::lower}};
}

inline const nlohmann::json& row_of(const nlohmann::json& report, const std::string& environment,
                                    const nlohmann::json& point) {
  for (const nlohmann::json& row : report.at("rows")) {
    if (row.at("environment") == environment && row.at("point") == point &&
        row.at("metric") == "latency")
      return row;
  }
  throw std::runtime_error("no such row");
}

inline std::string text_of(const nlohmann::json& report) {
  return Registry<ReportFormat>::instance().at("terminal", "format").render(report);
}

/// What making the report says is wrong; empty where it throws nothing.
inline std::string complaint_of(const std::filesystem::path& run,
                                const ReportOptions& options = {}) {
  try {
    (void)make_report(run, options);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

inline bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Renders every format: none may throw, whatever the report holds.
inline void check_renders(const nlohmann::json& report) {
  for (const ReportFormat* format : Registry<ReportFormat>::instance().all())
    CHECK_FALSE(format->render(report).empty());
}

}  // namespace migbench
