// What a report says of runs that are not as they should be, and of values that are odd.
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "bench/document.hpp"
#include "tests/report/look.hpp"

using namespace migbench;
using nlohmann::json;
namespace fs = std::filesystem;

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
