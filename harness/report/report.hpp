// From a run's directory to its report, and from the report to what people read.
//
// make_report() reads stored records only, so a report can be made again years later, on another
// machine. It does all statistics; the formats only draw what the report says.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "harness/registry.hpp"

namespace migbench {

/// What the reader of a report may choose. Empty: as the run's plan says, else the default named
/// here.
struct ReportOptions {
  std::optional<std::string> baseline{};            ///< environment; default "native"
  std::optional<std::string> baseline_technique{};  ///< default: the same cell without migration
  std::optional<double> margin{};           ///< of `same`, as a share of the baseline; default 0.05
  std::uint64_t seed = 0x6d696762656e6368;  ///< of the bootstrap: the same records, the same report
};

/// {"schema": "migbench-report/1", ...}, see results/schema/report.schema.json. Throws InputError
/// that names the file and the place in it where the run or a record is broken.
[[nodiscard]] nlohmann::json make_report(const std::filesystem::path& run_directory,
                                         const ReportOptions& options = {});

/// What the place where a report is shown can do.
struct RenderOptions {
  bool colours = false;     ///< ANSI colours; the caller knows whether it is a terminal
  std::size_t width = 110;  ///< columns of the terminal
};

/// One way of showing a report. One file each.
class ReportFormat {
 public:
  virtual ~ReportFormat() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual std::string_view summary() const = 0;
  /// The name of its file in the run's directory: "report.md".
  [[nodiscard]] virtual std::string_view file_name() const = 0;
  /// The whole text of that file. `report` is what make_report() gave or read_report() read.
  [[nodiscard]] std::string render(const nlohmann::json& report) const { return draw(report, {}); }
  [[nodiscard]] std::string render(const nlohmann::json& report,
                                   const RenderOptions& options) const {
    return draw(report, options);
  }

 protected:
  [[nodiscard]] virtual std::string draw(const nlohmann::json& report,
                                         const RenderOptions& options) const = 0;
};

/// Reads a report.json that was written earlier. Throws InputError where it is none.
[[nodiscard]] nlohmann::json read_report(const std::filesystem::path& path);

}  // namespace migbench
