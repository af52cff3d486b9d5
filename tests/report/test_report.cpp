// The figures of a report: medians, ratios, baselines, sweeps.
#include <fmt/format.h>

#include "bench/document.hpp"
#include "tests/report/look.hpp"

using namespace migbench;
using nlohmann::json;
namespace fs = std::filesystem;

TEST_CASE("the quick run: medians, ratios and verdicts are right") {
  const TemporaryDirectory directory;
  const json report = make_report(write_quick_run(directory.path()));
  check_valid(report);
  const json& small = row_of(report, "container", {{"size", 8}});
  CHECK(small.at("n") == 8);
  CHECK(small.at("median").get<double>() == Approx(6.93).epsilon(0.01));
  CHECK(small.at("ratio").at("value").get<double>() == Approx(1.1).epsilon(0.01));
  CHECK(small.at("ratio").at("verdict") == "slower");
  CHECK(small.at("ratio").at("estimator") == "median of the ratios within rounds");
  CHECK(row_of(report, "container", {{"size", 4096}}).at("ratio").at("verdict") == "same");
  CHECK(row_of(report, "native", {{"size", 8}}).at("ratio").is_null());
  CHECK(report.at("summary").at("verdict") == "ok");
  CHECK(report.at("not_run").size() == 1);
  CHECK(report.at("not_run").at(0).at("remedy") == "use a kernel up to 3.7 with BLCR 0.8.5");
  CHECK(report.at("labels") == json{"virtual nodes"});
}

TEST_CASE("the same records give the same report") {
  const TemporaryDirectory directory;
  const fs::path run = write_quick_run(directory.path());
  CHECK(make_report(run) == make_report(run));
}

TEST_CASE("the reader may choose baseline and margin") {
  const TemporaryDirectory directory;
  const fs::path run = write_quick_run(directory.path());
  ReportOptions options;
  options.baseline = "container";
  options.margin = 0.5;
  const json report = make_report(run, options);
  CHECK(row_of(report, "native", {{"size", 8}}).at("ratio").at("value").get<double>() ==
        Approx(1 / 1.1).epsilon(0.01));
  CHECK(row_of(report, "native", {{"size", 8}}).at("ratio").at("verdict") == "same");
  CHECK(row_of(report, "container", {{"size", 8}}).at("ratio").is_null());
  options.baseline = "kvm";
  CHECK(holds(complaint_of(run, options), "the run has only: "));
  options.baseline.reset();
  options.margin = 0;
  CHECK_THROWS_AS(make_report(run, options), InputError);
}

TEST_CASE("a sweep has its line, moved cells their baselines, and moves their phases") {
  const TemporaryDirectory directory;
  const json report = make_report(write_sweep_run(directory.path()));
  check_valid(report);
  bool found = false;
  for (const json& fit : report.at("sweeps")) {
    if (fit.at("technique") != "criu-stop-copy" || fit.at("metric") != "migration-time") continue;
    found = true;
    CHECK(fit.at("per") == "GiB");
    CHECK(fit.at("slope").at("value").get<double>() == Approx(512).epsilon(0.05));
    CHECK(fit.at("fixed").at("value").get<double>() == Approx(32).epsilon(0.1));
    CHECK(fit.at("slope").at("interval").is_array());
  }
  CHECK(found);
  for (const json& row : report.at("rows")) {
    const bool lazy = row.at("technique") == "criu-lazy" && !row.at("control").get<bool>();
    if (row.at("metric") == "migration-time") CHECK(row.at("ratio").is_object() == lazy);
    if (row.at("metric") == "longest-iteration" && lazy &&
        row.at("parameters").at("memory") == "64MiB") {
      CHECK(row.at("ratio").at("baseline").at("control") == true);
      CHECK(row.at("ratio").at("verdict") == "slower");
    }
  }
  const json& migration = report.at("migrations").at(0);
  CHECK(migration.at("moves") == 6);
  CHECK(migration.at("phases").size() == 4);
  CHECK(migration.at("phases").at(0).at("name") == "prepare");
  CHECK(migration.at("phases").at(0).at("duration_ms").get<double>() == Approx(2));
  CHECK(migration.at("example").at("outages").size() == 1);
}

TEST_CASE("several moves in one trial are one observation, their median") {
  const TemporaryDirectory directory;
  RunBuilder run(directory.path());
  const Cell& cell = run.cell("container", "echo", "freeze");
  const auto time = [](int move, double ms) {
    return Metric{"migration-time", {{"migration", move}}, ms, "ms", Better::lower};
  };
  run.record(cell, {time(1, 10), time(2, 11), time(3, 90)});
  run.record(cell, {time(1, 20), time(2, 21), time(3, 22)});
  const json report = make_report(run.write());
  check_valid(report);
  REQUIRE(report.at("rows").size() == 1);
  const json& row = report.at("rows").at(0);
  CHECK(row.at("n") == 2);
  CHECK(row.at("median").get<double>() == Approx((11 + 21) / 2.0));
  CHECK(row.at("interval").is_null());
}
