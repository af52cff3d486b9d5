// What hypervisors say of the machines that they moved, from records to the report's tables.
#include "harness/plan/schema.hpp"
#include "harness/report/report.hpp"
#include "tests/catch.hpp"
#include "tests/report/run_builder.hpp"

using namespace migbench;
using nlohmann::json;

namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;

/// Of 1000 ms 200 are spent on connecting and preparing, 100 on finishing; two iterations; the
/// hypervisor says `own` ms of downtime.
MoveResult machine_move(std::int64_t request, double own) {
  MoveResult move{request, request + 1000 * kNsPerMs};
  const auto add = [&](const char* name, int from, int to, const json& details) {
    move.phases.push_back({name, request + from * kNsPerMs, request + to * kNsPerMs, details});
  };
  add("connect", 0, 10, json::object());
  add("prepare", 10, 200, json::object());
  add("copy", 200, 700,
      {{"iteration", 1},
       {"bytes", 100 << 20U},
       {"remaining_bytes", 5 << 20U},
       {"dirty_bytes_per_s", 10 << 20U}});
  add("copy", 700, 800, {{"iteration", 2}, {"bytes", 5 << 20U}, {"remaining_bytes", 0}});
  add("switch-over", 800, 900, json::object());
  add("finish", 900, 1000, json::object());
  move.facts = {{"hypervisor_downtime_ms", own}};
  return move;
}

Metric probed(const char* name, int move, double ms) {
  return {name, {{"migration", move}}, ms, "ms", Better::lower};
}

}  // namespace

TEST_CASE("the hypervisor's downtime stands beside the probe's, move by move") {
  const TemporaryDirectory directory;
  RunBuilder run(directory.path());
  run.labels = {"emulated: TCG"};
  const Cell& cell = run.cell("kvm", "idle", "kvm-live", {{"guest_memory", "256MiB"}});
  for (int trial = 0; trial < 6; ++trial) {
    // Each move's own difference is 30 + trial, whatever its downtime was.
    Record& record = run.record(
        cell, {probed("downtime-best", 1, 130 + trial), probed("downtime-best", 2, 530 + trial),
               probed("downtime-run", 1, 90), probed("downtime-run", 2, 490)});
    record.migrations = {machine_move(0, 100), machine_move(2000 * kNsPerMs, 500)};
  }
  const json report = make_report(run.write());
  for (const Complaint& complaint : check_schema(published_schema("report"), report))
    FAIL_CHECK(complaint.pointer << ": " << complaint.message);

  const json& hypervisor = report.at("migrations").at(0).at("hypervisor");
  CHECK(hypervisor.at("preparation").at("median").get<double>() == Approx(0.3));
  CHECK(hypervisor.at("downtime").at("median").get<double>() == Approx(300));
  CHECK(hypervisor.at("downtime").at("n") == 6);
  REQUIRE(hypervisor.at("differences").size() == 2);
  const json& best = hypervisor.at("differences").at(0);
  CHECK(best.at("metric") == "downtime-best");
  CHECK(best.at("median").get<double>() == Approx(32.5));
  CHECK(best.at("interval") == json({30.0, 35.0}));
  CHECK(hypervisor.at("differences").at(1).at("median").get<double>() == Approx(-10));
  REQUIRE(hypervisor.at("iterations").size() == 2);
  CHECK(hypervisor.at("iterations").at(0).at("bytes").at("median") == 100 << 20U);
  CHECK_FALSE(hypervisor.at("iterations").at(1).contains("dirty_bytes_per_s"));

  const std::string text =
      Registry<ReportFormat>::instance().at("terminal", "format").render(report);
  for (const char* part :
       {"hypervisor's own downtime (ms), and how much more the probe saw", "[emulated: TCG]",
        "32.50 [30.00, 35.00]", "share of the migration time (%)", "copy iterations", "100.0"}) {
    INFO(part << " in\n" << text);
    CHECK(text.find(part) != std::string::npos);
  }
}

TEST_CASE("a technique whose tool says nothing of itself has no such tables") {
  const TemporaryDirectory directory;
  const json report = make_report(write_sweep_run(directory.path()));
  for (const json& migration : report.at("migrations"))
    CHECK_FALSE(migration.contains("hypervisor"));
  const std::string text =
      Registry<ReportFormat>::instance().at("terminal", "format").render(report);
  CHECK(text.find("hypervisor") == std::string::npos);
}
