// What users see, whole: approved by eye once, compared letter by letter since. To approve a wanted
// change, copy the .received file over the approved one.
#include <algorithm>
#include <fstream>
#include <iterator>

#include "bench/document.hpp"
#include "bench/error.hpp"
#include "harness/report/report.hpp"
#include "tests/catch.hpp"
#include "tests/report/run_builder.hpp"

using namespace migbench;
namespace fs = std::filesystem;

namespace {

std::string contents(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

nlohmann::json quick_report() {
  const TemporaryDirectory directory;
  nlohmann::json report = make_report(write_quick_run(directory.path()));
  // Differ from build to build.
  report["made_by"]["version"] = "VERSION";
  report["made_by"]["commit"] = "COMMIT";
  return report;
}

void check_approved(const std::string& name, const std::string& text) {
  const fs::path approved = fs::path(APPROVED_DIRECTORY) / name;
  const std::string wanted = contents(approved);
  if (text != wanted) {
    const fs::path received = fs::temp_directory_path() / (name + ".received");
    write_text(received, text);
    INFO("compare " << received << " with " << approved);
    CHECK(text == wanted);
  }
}

const ReportFormat& format(const std::string& name) {
  return Registry<ReportFormat>::instance().at(name, "report format");
}

}  // namespace

TEST_CASE("the quick run's report, in every format with text") {
  const nlohmann::json report = quick_report();
  RenderOptions options;
  options.width = 100;
  check_approved("quick.txt", format("terminal").render(report, options));
  for (const char* name : {"markdown", "csv", "latex", "figures"}) {
    const auto& one = format(name);
    check_approved("quick-" + std::string(one.file_name()), one.render(report));
  }
}

TEST_CASE("the sweep's report at a terminal") {
  const TemporaryDirectory directory;
  const nlohmann::json report = make_report(write_sweep_run(directory.path()));
  RenderOptions options;
  options.width = 120;
  check_approved("sweep.txt", format("terminal").render(report, options));
}

TEST_CASE("tables keep to the terminal's width") {
  const TemporaryDirectory directory;
  const nlohmann::json report = make_report(write_sweep_run(directory.path()));
  RenderOptions options;
  options.width = 120;
  const std::string text = format("terminal").render(report, options);
  std::size_t longest = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    longest = std::max(longest, end - at);
    at = end + 1;
  }
  CHECK(longest <= 120);
}

TEST_CASE("colours come only where the caller wants them") {
  const nlohmann::json report = quick_report();
  RenderOptions options;
  CHECK(format("terminal").render(report, options).find('\x1b') == std::string::npos);
  options.colours = true;
  CHECK(format("terminal").render(report, options).find("\x1b[31mslower\x1b[0m") !=
        std::string::npos);
}

TEST_CASE("the page holds every table, figure and label, and asks for nothing else") {
  const nlohmann::json report = quick_report();
  const std::string page = format("html").render(report);
  const auto count = [&](const std::string& what) {
    std::size_t found = 0;
    for (std::size_t at = page.find(what); at != std::string::npos; at = page.find(what, at + 1))
      ++found;
    return found;
  };
  CHECK(count("<svg ") == report.at("figures").size());
  CHECK(count("</svg>") == report.at("figures").size());
  CHECK(count("<table>") == count("</table>"));
  // every trial of every measured row is a dot
  std::size_t trials = 0;
  for (const auto& row : report.at("rows")) {
    if (row.at("metric").get<std::string>().starts_with("downtime-")) continue;
    trials += row.at("values").size();
  }
  CHECK(count("<circle ") == trials);
  CHECK(count("virtual nodes") >= report.at("figures").size() + 5);
  CHECK(count("src=") == 0);
  CHECK(count("href=") == 0);
  CHECK(count("<script") == 0);
}

TEST_CASE("text from records cannot break a page, a LaTeX table or a CSV line") {
  const TemporaryDirectory directory;
  RunBuilder run(directory.path());
  const Cell& cell = run.cell("native", "mpi-latency");
  run.bad(cell, Outcome::failed, "<script>\"x\" & 50 % of_it, \\today | {no}\nsecond line");
  const nlohmann::json report = make_report(run.write());
  CHECK(format("html").render(report).find("<script>") == std::string::npos);
  const std::string latex = format("latex").render(report);
  CHECK(latex.find("\\textbackslash{}today") != std::string::npos);
  CHECK(latex.find("50 \\% of\\_it") != std::string::npos);
  CHECK(format("csv").render(report).find("\"<script>\"\"x\"\"") != std::string::npos);
  CHECK(format("markdown").render(report).find("\\| {no} second line") != std::string::npos);
}

TEST_CASE("json is the report itself, and can be read back") {
  const TemporaryDirectory directory;
  const nlohmann::json report = quick_report();
  const fs::path file = directory.path() / "report.json";
  write_text(file, format("json").render(report));
  CHECK(read_report(file) == report);
  write_text(file, R"({"schema": "migbench-report/1"})");
  CHECK_THROWS_AS(read_report(file), InputError);
}
