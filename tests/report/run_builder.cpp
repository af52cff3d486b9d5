#include "tests/report/run_builder.hpp"

#include <cmath>
#include <cstdlib>
#include <stdexcept>

#include <fmt/format.h>

#include "bench/document.hpp"

namespace migbench {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::int64_t kMillisecond = 1'000'000;

/// Few digits, so that medians and ratios come out the same whatever the C library's logarithm says
/// in its last one.
double rounded(double value) {
  return std::round(value * 1e3) / 1e3;
}

/// A move of so many milliseconds with four phases, and the outage that a probe saw.
void add_move(Record& record, double freeze, double transfer, double restore) {
  const std::int64_t request = (10'000 + 1'000 * record.sequence) * kMillisecond;
  const auto at = [&](double ms) { return request + static_cast<std::int64_t>(ms * 1e6); };
  MoveResult move{request, at(2 + freeze + transfer + restore), true, "", {}, json::object()};
  move.phases = {{"prepare", request, at(2), json::object()},
                 {"freeze", at(2), at(2 + freeze), json::object()},
                 {"transfer", at(2 + freeze), at(2 + freeze + transfer), {{"bytes", 4194304}}},
                 {"restore", at(2 + freeze + transfer), move.done_ns, json::object()}};
  record.migrations.push_back(move);
  record.probe = {
      {"schema", "migbench-driver/1"},
      {"outages",
       {{{"start_ns", at(2.1)}, {"end_ns", move.done_ns - 100'000}, {"kind", "dropped"}}}}};
  const double total = 2 + freeze + transfer + restore;
  record.metrics.push_back({"migration-time", json::object(), total, "ms", Better::lower});
  record.metrics.push_back({"downtime-best", json::object(), total - 2.2, "ms", Better::lower});
  record.metrics.push_back({"downtime-lost", json::object(), total - 2.3, "ms", Better::lower});
  record.metrics.push_back({"downtime-gap", json::object(), total - 2.1, "ms", Better::lower});
}

}  // namespace

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = (fs::temp_directory_path() / "migbench-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp " + pattern);
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

RunBuilder::RunBuilder(fs::path root) : path_(std::move(root) / "20260102-030405-test") {
  // References to cells and records are handed out.
  cells_.reserve(100);
  records_.reserve(1000);
}

Cell& RunBuilder::cell(const std::string& environment, const std::string& workload,
                       const std::string& technique, const json& parameters) {
  Cell cell;
  cell.experiment = "test";
  cell.environment = environment;
  cell.workload = workload;
  if (!technique.empty()) {
    cell.technique = technique;
    cell.migrations = 1;
  }
  cell.parameters = parameters;
  cell.id = fmt::format("{}-{}{}{}-{:02}", environment, workload, technique.empty() ? "" : "-",
                        technique, cells_.size());
  cells_.push_back(cell);
  return cells_.back();
}

Record& RunBuilder::record(const Cell& cell, std::vector<Metric> metrics) {
  Record record;
  record.run = path_.filename();
  record.cell = cell;
  record.trial = 1;
  for (const Record& other : records_)
    record.trial += other.cell.id == cell.id ? 1 : 0;
  record.sequence = static_cast<int>(records_.size());
  record.labels = labels;
  record.metrics = std::move(metrics);
  record.started = "2026-01-02T03:04:05Z";
  record.elapsed_s = 2.5;
  records_.push_back(std::move(record));
  return records_.back();
}

Record& RunBuilder::bad(const Cell& cell, Outcome outcome, const std::string& reason,
                        const std::string& remedy) {
  Record& made = record(cell, {});
  made.outcome = outcome;
  made.reason = reason;
  made.remedy = remedy;
  return made;
}

fs::path RunBuilder::write() const {
  fs::create_directories(path_ / "records");
  json cells = json::array();
  for (const Cell& cell : cells_)
    cells.push_back(to_json(cell));
  write_json(path_ / "cells.json", {{"schema", "migbench-cells/1"}, {"cells", cells}});
  write_json(path_ / "plan.json", {{"schema", "migbench-plan/1"},
                                   {"name", "test"},
                                   {"site", {{"kind", "local"}}},
                                   {"compare", compare},
                                   {"experiments", json::array()}});
  write_json(
      path_ / "run.json",
      {{"schema", "migbench-run/1"},
       {"run", path_.filename()},
       {"plan", "test"},
       {"state", state},
       {"seed", 42},
       {"started", "2026-01-02T03:04:05Z"},
       {"version", "0.1.0"},
       {"commit", "0123456789ab"},
       {"host",
        {{"hostname", "laptop"},
         {"kernel", "6.1.0"},
         {"os", "Debian GNU/Linux 12"},
         {"cpu", {{"model", "Example CPU"}}}}},
       {"sessions", {{{"started", "2026-01-02T03:04:05Z"}, {"ended", "2026-01-02T03:06:05Z"}}}}});
  for (const Record& record : records_)
    write_json(path_ / "records" / record_file_name(record.cell.id, record.trial), to_json(record));
  return path_;
}

fs::path write_quick_run(const fs::path& root) {
  RunBuilder run(root);
  const Cell& native = run.cell("native", "mpi-latency");
  const Cell& container = run.cell("container", "mpi-latency");
  const Cell& blcr = run.cell("blcr", "mpi-latency");
  const Cell& frozen = run.cell("container", "echo", "freeze");
  run.bad(blcr, Outcome::unsupported, "no BLCR kernel module",
          "use a kernel up to 3.7 with BLCR 0.8.5");
  Noise noise(1, Weather::steady);
  for (int round = 0; round < 8; ++round) {
    const auto latency = [&](double small, double large) {
      return std::vector<Metric>{{"latency",
                                  {{"size", 8}},
                                  rounded(small * (1 + 0.004 * noise.normal())),
                                  "us",
                                  Better::lower},
                                 {"latency",
                                  {{"size", 4096}},
                                  rounded(large * (1 + 0.004 * noise.normal())),
                                  "us",
                                  Better::lower},
                                 {"bandwidth",
                                  {{"size", 4096}},
                                  rounded(1e4 / large * (1 + 0.02 * noise.normal())),
                                  "MB/s",
                                  Better::higher}};
    };
    run.record(native, latency(6.3, 9.1));
    run.record(container, latency(6.93, 9.1));
    Record& move = run.record(frozen, {});
    add_move(move, rounded(20 + noise.uniform()), 0.5, 1);
  }
  return run.write();
}

fs::path write_sweep_run(const fs::path& root) {
  RunBuilder run(root);
  run.labels = {"emulated: TCG", "virtual nodes"};
  run.compare = {{"baseline", {{"environment", "native"}, {"technique", "criu-stop-copy"}}},
                 {"margin", 0.1}};
  struct Moved {
    const Cell* cell;
    double mib;
    bool lazy;
  };
  std::vector<Moved> moved;
  for (const bool lazy : {false, true}) {
    for (const int mib : {64, 256, 1024}) {
      const json parameters{{"memory", fmt::format("{}MiB", mib)}};
      moved.push_back({&run.cell("container", "memory-writer",
                                 lazy ? "criu-lazy" : "criu-stop-copy", parameters),
                       static_cast<double>(mib), lazy});
    }
  }
  Cell& control = run.cell("container", "memory-writer", "criu-lazy", {{"memory", "64MiB"}});
  control.control = true;
  Noise noise(2, Weather::steady);
  for (int round = 0; round < 6; ++round) {
    for (const Moved& one : moved) {
      Record& record = run.record(*one.cell, {{"longest-iteration", json::object(),
                                               rounded(30 + noise.normal()), "ms", Better::lower}});
      add_move(record, rounded(20 + noise.normal()),
               rounded((one.lazy ? 0.02 : 0.5) * one.mib * noise.launch()), 10);
    }
    run.record(control, {{"longest-iteration", json::object(), rounded(10 + 0.1 * noise.normal()),
                          "ms", Better::lower}});
  }
  return run.write();
}

}  // namespace migbench
