// Unlike programs are not compared, unlike placement is marked.
#include "harness/report/report.hpp"
#include "tests/catch.hpp"
#include "tests/report/run_builder.hpp"

using namespace migbench;
using nlohmann::json;

namespace {

json evidence(const std::string& sha256, const json& cpus, const std::string& flags = "-O3") {
  return {{"placement", "socket"},
          {"complete", true},
          {"build", {{"flags", flags}, {"binary", {{"path", "/b/npb"}, {"sha256", sha256}}}}},
          {"ranks",
           {{{"rank", 0},
             {"host", "n1"},
             {"cpus", "0"},
             {"machine_cpus", cpus},
             {"program", "/b/npb"},
             {"sha256", sha256}}}}};
}

/// The container's row of a run in which both sides left these.
json compared(const json& native, const json& container) {
  const TemporaryDirectory directory;
  RunBuilder run(directory.path());
  for (const auto& [environment, said] :
       {std::pair<const char*, const json&>{"native", native}, {"container", container}}) {
    const Cell& cell = run.cell(environment, "npb-ft");
    for (int i = 0; i < 6; ++i)
      run.record(cell, {{"run-time", json::object(), 1 + 0.001 * i, "s", Better::lower}}).evidence =
          said;
  }
  const json report = make_report(run.write(), {});
  for (const ReportFormat* format : Registry<ReportFormat>::instance().all())
    CHECK_FALSE(format->render(report).empty());
  json row = report.at("rows").at(1);
  row["text"] = Registry<ReportFormat>::instance().at("terminal", "format").render(report);
  return row;
}

/// What a reader sees of the row; the terminal breaks long lines.
bool holds(const json& row, const std::string& text) {
  return (row.at("text").get<std::string>() + row.at("notes").dump()).find(text) !=
         std::string::npos;
}

}  // namespace

TEST_CASE("the same program on the same processors is compared") {
  const json row =
      compared(evidence("0123456789abcdef", "0-1"), evidence("0123456789abcdef", "0-1"));
  REQUIRE(row.at("ratio").is_object());
  CHECK(row.at("ratio").at("like_with_like") == true);
  CHECK(row.at("ratio").at("verdict") == "same");
  CHECK_FALSE(holds(row, "unlike"));
}

TEST_CASE("another program is refused, and the report names both") {
  const json row = compared(evidence("0123456789abcdef", "0-1", "-O3 -mavx512f"),
                            evidence("fedcba9876543210", "0-1"));
  CHECK(row.at("ratio").is_null());
  CHECK(holds(row,
              "not compared, other programs: npb fedcba987654 here, npb 0123456789ab in the "
              "baseline; flags -O3 here, flags -O3 -mavx512f in the baseline"));
}

TEST_CASE("other processors are marked") {
  const json row = compared(evidence("0123456789abcdef", "0-1"), evidence("0123456789abcdef", "0"));
  REQUIRE(row.at("ratio").is_object());
  CHECK(row.at("ratio").at("like_with_like") == false);
  CHECK(holds(row, "same, unlike"));
  CHECK(holds(row, "unequal placement: rank 0 on CPUs 0 here, CPUs 0-1 in the baseline"));
  const json unpinned =
      compared(evidence("0123456789abcdef", "0-1"), evidence("0123456789abcdef", nullptr));
  CHECK(holds(unpinned, "pinned to none"));
}

TEST_CASE("what is not proven is marked") {
  json half = evidence("0123456789abcdef", "0-1");
  half["complete"] = false;
  CHECK(holds(compared(evidence("0123456789abcdef", "0-1"), half), "placement not proven"));
  const json row = compared(nullptr, evidence("0123456789abcdef", "0-1"));
  CHECK(row.at("ratio").at("like_with_like") == false);
  CHECK(holds(row, "the baseline left no evidence"));
  // A workload that places nothing is compared as ever.
  const json silent = compared(nullptr, nullptr);
  CHECK(silent.at("ratio").at("like_with_like").is_null());
  CHECK(silent.at("ratio").at("verdict") == "same");
}
