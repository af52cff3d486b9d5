// migbench-verbs-* beside perftest on the same device of one soft-RoCE guest, in alternating runs:
// the ratio of their figures with its interval and what it says (docs/verbs.md has the results).
//     test_verbs_perftest [--rounds N] [--emulation counted|parallel] [--only TEXT] [--list]
#include <algorithm>
#include <map>
#include <sstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench/program.hpp"
#include "harness/stats/ratio.hpp"
#include "harness/workload/driver_output.hpp"
#include "tests/verbs/programs/perftest_rows.hpp"
#include "tests/verbs/programs/steady_guest.hpp"

using namespace migbench;

namespace {

constexpr const char* kAddress = "10.0.2.15";
/// One run of either; more than it ever takes.
constexpr Nanoseconds kDeadline = std::chrono::minutes(3);

/// perftest's server ends with its client; it listens when port 18515 (0x4853) does.
Finished with_server(const Place& guest, const std::string& server, const std::string& port,
                     const std::string& client) {
  const std::string script = fmt::format(
      "{} >/run/server 2>&1 & until grep -qi ':{} .* 0A ' /proc/net/tcp /proc/net/tcp6; do sleep "
      "0.05; done; {}; status=$?; wait; exit $status",
      server, port, client);
  Finished finished = guest.run({{"sh", "-c", script}, {}, {}}, kDeadline);
  if (!finished.ok()) throw Error(describe(finished));
  return finished;
}

/// The median of its raw samples: what it prints itself is made of other arithmetic.
double perftest_latency(const Finished& finished) {
  std::vector<double> samples;
  std::istringstream lines(finished.out);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string number;
    double value = 0;
    std::string more;
    if (words >> number && number.back() == ',' && words >> value && !(words >> more))
      samples.push_back(value);
  }
  if (samples.size() < 50) throw Error("perftest printed no raw samples: " + finished.out);
  std::sort(samples.begin(), samples.end());
  return quantile_sorted(samples, 0.5);
}

/// Its average, which is in units of 2^20 bytes a second, in 10^6.
double perftest_bandwidth(const Finished& finished) {
  std::istringstream lines(finished.out);
  double average = 0;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    double size = 0;
    double iterations = 0;
    double peak = 0;
    double value = 0;
    if (words >> size >> iterations >> peak >> value) average = value * 1.048576;
  }
  if (average <= 0) throw Error("perftest printed no bandwidth: " + finished.out);
  return average;
}

bool is_latency(const PerftestRow& row) {
  return row.claim == Claim::agrees;
}

/// What a program is started with. The second of a pair polls on another processor, if there is
/// one.
std::string prefix(const PerftestRow& row, int number) {
  if (row.emulation == Emulation::parallel) return fmt::format("taskset -c {} ", number);
  if (row.yields == Yields::never) return "";
  const std::string preload =
      fmt::format("LD_PRELOAD={} ", find_program("libtest_verbs_yield_at_polls.so").string());
  if (row.yields == Yields::at_empty_looks) return "env " + preload;
  // Who yields among processes of real time stands behind the other for sure; the usual scheduler
  // may let it go on, and what it then looks at in memory does not change before its slice ends.
  return "chrt -r 1 env YIELD_AT_EVERY_LOOK=1 " + preload;
}

double run_perftest(const Place& guest, const PerftestRow& row) {
  const Finished finished =
      with_server(guest, prefix(row, 0) + row.perftest, "4853",
                  fmt::format("{}{} {}", prefix(row, 1), row.perftest, kAddress));
  return is_latency(row) ? perftest_latency(finished) : perftest_bandwidth(finished);
}

/// Without --wait: a counted guest skips the time in which it is idle, and a minute passes while
/// the client's program is being read from this machine.
double run_ours(const Place& guest, const PerftestRow& row) {
  const std::string name = is_latency(row) ? "migbench-verbs-latency" : "migbench-verbs-bandwidth";
  const std::string program = find_program(name).string();
  const Finished finished =
      with_server(guest, prefix(row, 0) + program, "1E20",
                  fmt::format("{}{} {} {} --json -", prefix(row, 1), program, kAddress, row.ours));
  const auto result = require_driver_document(finished, name).at("results").at(0);
  // perftest's bandwidth is all bytes over all of the time: that is our mean.
  return is_latency(row) ? result["latency"]["median"].get<double>()
                         : result["bandwidth"]["mean"].get<double>();
}

double median_of(const std::vector<Launch>& launches) {
  std::vector<double> values;
  values.reserve(launches.size());
  for (const Launch& launch : launches)
    values.push_back(launch.value);
  std::sort(values.begin(), values.end());
  return quantile_sorted(values, 0.5);
}

/// Issue 5: within 5 %, or at least as much.
std::string verdict(Claim claim, double ratio, const Interval& interval) {
  if (claim == Claim::agrees) {
    if (interval.low >= 0.95 && interval.high <= 1.05) return "agrees within 5 %";
    if (interval.high < 0.95 || interval.low > 1.05) return "DIFFERS by more than 5 %";
    return ratio >= 0.95 && ratio <= 1.05 ? "within 5 %, its interval is not" : "not shown";
  }
  if (interval.low >= 1) return "more";
  if (interval.high < 1) return "LESS";
  return ratio >= 1 ? "at least as much, its interval holds 1" : "its interval holds 1";
}

void compare(const Place& guest, const PerftestRow& row, int rounds) {
  std::vector<Launch> ours;
  std::vector<Launch> theirs;
  for (int round = 0; round < rounds && !interrupted(); ++round) {
    const bool first = round % 2 == 0;
    if (first) ours.push_back({round, run_ours(guest, row)});
    theirs.push_back({round, run_perftest(guest, row)});
    if (!first) ours.push_back({round, run_ours(guest, row)});
    fmt::print(stderr, "{} round {}: migbench {:.3f}, perftest {:.3f}\n", row.name, round + 1,
               ours.back().value, theirs.back().value);
  }
  const auto ratio = RatioBootstrap::make(ours, theirs, 1);
  const auto interval = ratio ? ratio->interval() : std::nullopt;
  if (!interval) throw Error("not enough to compare");
  fmt::print("{} | {:.3f} | {:.3f} | {:.3f} [{:.3f}, {:.3f}] | {} | {}\n", row.name,
             median_of(ours), median_of(theirs), ratio->ratio(), interval->low, interval->high,
             ours.size(), verdict(row.claim, ratio->ratio(), *interval));
  std::fflush(stdout);
}

/// Boots the guest for these rows, if there are any.
void compare_all(Emulation emulation, const std::vector<PerftestRow>& rows, int rounds) {
  if (rows.empty() || interrupted()) return;
  const auto guest = boot_steady_guest(emulation);
  fmt::print("{}: row | migbench | perftest | ratio [95 %] | rounds | verdict (us, MB/s)\n",
             name(emulation));
  for (const PerftestRow& row : rows)
    compare(*guest, row, rounds);
}

int body(int argc, char** argv) {
  CLI::App app("migbench's verbs drivers beside perftest");
  int rounds = 8;
  bool list = false;
  std::string only;
  std::string emulation;
  app.add_option("--rounds", rounds)->check(CLI::Range(6, 1000));
  app.add_option("--emulation", emulation)->check(CLI::IsMember({"counted", "parallel"}));
  app.add_option("--only", only, "rows whose name has this in it");
  app.add_flag("--list", list, "the rows");
  CLI11_PARSE(app, argc, argv);
  std::map<Emulation, std::vector<PerftestRow>> rows;
  for (PerftestRow& row : perftest_rows()) {
    if (row.name.find(only) == std::string::npos) continue;
    if (emulation.empty() || emulation == name(row.emulation)) rows[row.emulation].push_back(row);
  }
  if (list) {
    for (const auto& [where, some] : rows)
      for (const PerftestRow& row : some)
        fmt::print("{} | {} | {}\n", row.name, row.perftest, row.ours);
    return 0;
  }
  if (const auto missing = roce_guest_support())
    throw Error(missing->reason + "; " + missing->remedy);
  if (look_for_program("ib_write_lat").empty())
    throw Error("perftest is not installed: apt-get install perftest");
  catch_interrupts();
  for (const auto& [where, some] : rows)
    compare_all(where, some, rounds);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("test_verbs_perftest", [&] { return body(argc, argv); });
}
