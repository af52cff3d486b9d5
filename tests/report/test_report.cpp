#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "bench/document.hpp"
#include "bench/error.hpp"
#include "harness/plan/schema.hpp"
#include "harness/report/report.hpp"
#include "tests/catch.hpp"
#include "tests/report/run_builder.hpp"

using namespace migbench;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

void check_valid(const json& report) {
  for (const Complaint& complaint : check_schema(published_schema("report"), report))
    FAIL_CHECK(complaint.pointer << ": " << complaint.message);
}

std::vector<Metric> one_metric(double value) {
  return {{"latency", {{"size", 8}}, value, "us", Better::lower}};
}

const json& row_of(const json& report, const std::string& environment, const json& point) {
  for (const json& row : report.at("rows")) {
    if (row.at("environment") == environment && row.at("point") == point &&
        row.at("metric") == "latency")
      return row;
  }
  throw std::runtime_error("no such row");
}

std::string text_of(const json& report) {
  return Registry<ReportFormat>::instance().at("terminal", "format").render(report);
}

/// What making the report says is wrong; empty where it throws nothing.
std::string complaint_of(const fs::path& run, const ReportOptions& options = {}) {
  try {
    (void)make_report(run, options);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Renders every format: none may throw, whatever the report holds.
void check_renders(const json& report) {
  for (const ReportFormat* format : Registry<ReportFormat>::instance().all())
    CHECK_FALSE(format->render(report).empty());
}

}  // namespace

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

TEST_CASE("a run in which nothing could run says so loudly") {
  const TemporaryDirectory directory;
  RunBuilder run(directory.path());
  run.bad(run.cell("blcr", "mpi-latency"), Outcome::unsupported, "no BLCR module", "old kernel");
  run.bad(run.cell("kvm", "mpi-latency"), Outcome::unsupported, "no /dev/kvm", "enable VT-x");
  const json report = make_report(run.write());
  check_valid(report);
  CHECK(report.at("rows").empty());
  CHECK(report.at("summary").at("verdict") == "nothing-ran");
  const std::string text = text_of(report);
  CHECK(holds(text, "NOTHING RAN"));
  CHECK(holds(text, "no /dev/kvm -> enable VT-x"));
  check_renders(report);
}

TEST_CASE("a report of a busy machine says so, of a quiet one does not") {
  const TemporaryDirectory directory;
  RunBuilder run(directory.path());
  const Cell& cell = run.cell("native", "mpi-latency");
  const double share = GENERATE(0.02, 0.4);
  for (const double off : {-0.01, 0.0, 0.3})
    run.record(cell, one_metric(6)).load = {{"foreign_share", share + off}};
  run.record(cell, one_metric(6)).load = {{"foreign_share", nullptr}};
  const json report = make_report(run.write());
  check_valid(report);
  CHECK(report.at("run").at("foreign_share").at("median").get<double>() == Approx(share));
  CHECK(report.at("run").at("foreign_share").at("maximum").get<double>() == Approx(share + 0.3));
  CHECK(holds(text_of(report), "BUSY MACHINE: other programs used 40 %") == (share > 0.1));
  check_renders(report);
}

TEST_CASE("an interrupted run names the cells that it never reached") {
  const TemporaryDirectory directory;
  RunBuilder run(directory.path());
  run.state = "interrupted";
  run.record(run.cell("native", "mpi-latency"), one_metric(6));
  run.cell("container", "mpi-latency");
  const json report = make_report(run.write());
  check_valid(report);
  CHECK(report.at("summary").at("verdict") == "incomplete");
  CHECK(report.at("run").at("complete") == false);
  REQUIRE(report.at("not_run").size() == 1);
  CHECK(report.at("not_run").at(0).at("outcome") == "not-started");
  CHECK(report.at("not_run").at(0).at("environment") == "container");
}

TEST_CASE("one trial has a median, no interval and no verdict but ambiguous") {
  const TemporaryDirectory directory;
  RunBuilder run(directory.path());
  run.record(run.cell("native", "mpi-latency"), one_metric(6));
  run.record(run.cell("container", "mpi-latency"), one_metric(9));
  const json report = make_report(run.write());
  check_valid(report);
  const json& row = row_of(report, "container", {{"size", 8}});
  CHECK(row.at("n") == 1);
  CHECK(row.at("interval").is_null());
  CHECK(row.at("ratio").at("verdict") == "ambiguous");
  CHECK(row.at("ratio").at("launches_needed") == 6);
  check_renders(report);
}

TEST_CASE("zero, negative, huge and tiny values are shown, without a ratio where it has none") {
  const TemporaryDirectory directory;
  RunBuilder run(directory.path());
  const double huge = std::numeric_limits<double>::max() / 4;
  const double tiny = std::numeric_limits<double>::denorm_min();
  const std::vector<std::pair<double, double>> pairs{{0, 1}, {-5, 1}, {huge, tiny}, {tiny, huge}};
  for (const auto& [value, base] : pairs) {
    const json parameters{{"case", fmt::format("{:g} over {:g}", value, base)}};
    const Cell& native = run.cell("native", "mpi-latency", "", parameters);
    const Cell& container = run.cell("container", "mpi-latency", "", parameters);
    for (int trial = 0; trial < 6; ++trial) {
      run.record(native, one_metric(base));
      run.record(container, one_metric(value));
    }
  }
  const json report = make_report(run.write());
  check_valid(report);
  for (const json& row : report.at("rows")) {
    CHECK(row.at("median").is_number());
    if (row.at("ratio").is_object())
      CHECK(std::isfinite(row.at("ratio").at("value").get<double>()));
  }
  CHECK(holds(text_of(report), "no ratio: it needs finite values above zero"));
  check_renders(report);
}

TEST_CASE("a run with a suspect trial is in doubt, not failed") {
  const TemporaryDirectory directory;
  RunBuilder run(directory.path());
  const Cell& cell = run.cell("native", "mpi-latency");
  for (int trial = 0; trial < 6; ++trial)
    run.record(cell, one_metric(6));
  Record& suspect = run.record(cell, one_metric(600));
  suspect.outcome = Outcome::suspect;
  suspect.reason = "the sender stalled";
  const json report = make_report(run.write());
  check_valid(report);
  CHECK(report.at("summary").at("verdict") == "suspect");
  CHECK(holds(text_of(report), "SUSPECT: 1 of 1 cells measured"));
}

TEST_CASE("a failed trial among good ones is shown, a suspect one stays out of the median") {
  const TemporaryDirectory directory;
  RunBuilder run(directory.path());
  const Cell& cell = run.cell("native", "mpi-latency");
  for (int trial = 0; trial < 6; ++trial)
    run.record(cell, one_metric(6));
  run.bad(cell, Outcome::failed, "rank 1 died");
  Record& suspect = run.record(cell, one_metric(600));
  suspect.outcome = Outcome::suspect;
  suspect.reason = "the sender stalled";
  const json report = make_report(run.write());
  check_valid(report);
  const json& row = report.at("rows").at(0);
  CHECK(row.at("n") == 6);
  CHECK(row.at("maximum") == 6);
  CHECK(row.at("values").size() == 7);
  CHECK(report.at("not_run").size() == 2);
  CHECK(report.at("summary").at("verdict") == "failed");
  const std::string text = text_of(report);
  CHECK(holds(text, "rank 1 died"));
  CHECK(holds(text, "the sender stalled"));
  CHECK(holds(text, "1 suspect trial left out"));
}

TEST_CASE("only suspect trials: shown as such, compared with nothing") {
  const TemporaryDirectory directory;
  RunBuilder run(directory.path());
  const Cell& native = run.cell("native", "mpi-latency");
  const Cell& container = run.cell("container", "mpi-latency");
  for (int trial = 0; trial < 6; ++trial) {
    run.record(native, one_metric(6));
    Record& suspect = run.record(container, one_metric(60));
    suspect.outcome = Outcome::suspect;
    suspect.reason = "verification failed";
  }
  const json report = make_report(run.write());
  check_valid(report);
  const json& row = row_of(report, "container", {{"size", 8}});
  CHECK(row.at("suspect") == true);
  CHECK(row.at("ratio").is_null());
  CHECK(holds(text_of(report), "60.00 [60.00, 60.00] suspect"));
}

TEST_CASE("what is broken is named with its file and place") {
  const TemporaryDirectory directory;
  const fs::path run = write_quick_run(directory.path());
  const fs::path file = run / "records" / "native-mpi-latency-00-001.json";
  REQUIRE(fs::exists(file));
  json record = read_json(file);

  SECTION("a value that is not a number, as NaN is stored") {
    record["metrics"][0]["value"] = nullptr;
    write_json(file, record);
    CHECK(holds(complaint_of(run), "native-mpi-latency-00-001.json"));
    CHECK(holds(complaint_of(run), "/metrics/0/value"));
  }
  SECTION("half a record") {
    const std::string text = record.dump();
    write_text(file, text.substr(0, text.size() / 2));
    CHECK(holds(complaint_of(run), "native-mpi-latency-00-001.json"));
  }
  SECTION("another schema") {
    record["schema"] = "other/1";
    write_json(file, record);
    CHECK(holds(complaint_of(run), "/schema"));
  }
  SECTION("a cell that the run does not have") {
    fs::remove(file);
    record["cell"]["id"] = "stranger";
    write_json(run / "records" / "stranger-001.json", record);
    CHECK(holds(complaint_of(run), "stranger-001.json"));
    CHECK(holds(complaint_of(run), "/cell/id"));
  }
  SECTION("no cells") {
    write_text(run / "cells.json", "{}");
    CHECK(holds(complaint_of(run), "cells.json: at /cells"));
  }
  SECTION("no run") {
    fs::remove(run / "run.json");
    CHECK(holds(complaint_of(run), "run.json"));
  }
  SECTION("no directory") {
    CHECK_THROWS_AS(make_report(run / "nowhere"), InputError);
  }
}

TEST_CASE("a report of nothing at all is not green") {
  const TemporaryDirectory directory;
  const RunBuilder run(directory.path());
  const json report = make_report(run.write());
  check_valid(report);
  CHECK(report.at("summary").at("verdict") == "nothing-ran");
  check_renders(report);
}

namespace {

class Shouting final : public ReportFormat {
 public:
  [[nodiscard]] std::string_view name() const override { return "shouting"; }
  [[nodiscard]] std::string_view summary() const override { return "one line"; }
  [[nodiscard]] std::string_view file_name() const override { return "report.loud"; }

 protected:
  [[nodiscard]] std::string draw(const json& report,
                                 const RenderOptions& /*options*/) const override {
    return report.at("run").at("name").get<std::string>() + "!";
  }
};
MIGBENCH_REGISTER(ReportFormat, Shouting);

}  // namespace

TEST_CASE("a format is one class and one line of registration") {
  const TemporaryDirectory directory;
  const json report = make_report(write_quick_run(directory.path()));
  CHECK(Registry<ReportFormat>::instance().at("shouting", "format").render(report) ==
        "20260102-030405-test!");
}
