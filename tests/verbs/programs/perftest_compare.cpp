// migbench-verbs-* beside perftest on the same device of one soft-RoCE guest, in alternating runs:
// the ratio of their figures with its interval (docs/verbs.md has the results).
//     test_verbs_perftest [--rounds N] [--icount SHIFT] [--vcpus N] [--events] [--only NAME]
#include <algorithm>
#include <sstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench/program.hpp"
#include "harness/stats/ratio.hpp"
#include "harness/workload/driver_output.hpp"
#include "tests/verbs/roce_guest.hpp"

using namespace migbench;

namespace {

constexpr const char* kAddress = "10.0.2.15";
/// One run of either; more than it ever takes.
constexpr Nanoseconds kDeadline = std::chrono::minutes(3);

struct Comparison {
  std::string name;      ///< of the row
  std::string perftest;  ///< program and options
  std::string mode;      ///< of ours
  std::string ours;      ///< options
};

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

double run_perftest(const Place& guest, const Comparison& what) {
  const bool latency = what.mode == "latency";
  const std::string program = what.perftest + (latency ? " -F -U" : " -F");
  const Finished finished = with_server(guest, program, "4853", program + " " + kAddress);
  return latency ? perftest_latency(finished) : perftest_bandwidth(finished);
}

double run_ours(const Place& guest, const Comparison& what) {
  const std::string name = "migbench-verbs-" + what.mode;
  const std::string program = find_program(name).string();
  const Finished finished =
      with_server(guest, program + " --wait 60s", "1E20",
                  fmt::format("{} {} {} --json -", program, kAddress, what.ours));
  const auto result = require_driver_document(finished, name).at("results").at(0);
  // perftest's bandwidth is all bytes over all of the time: that is our mean.
  return what.mode == "latency" ? result["latency"]["median"].get<double>()
                                : result["bandwidth"]["mean"].get<double>();
}

std::vector<Comparison> comparisons(bool events) {
  if (events) {
    return {{"send, RC, events, 64 B", "ib_send_lat -e -s 64 -n 1000", "latency",
             "--operation send --completion events --sizes 64 --iterations 1000"},
            {"send, UD, events, 64 B", "ib_send_lat -e -c UD -s 64 -n 1000", "latency",
             "--operation send --transport ud --completion events --sizes 64 --iterations 1000"},
            {"read, RC, events, 64 B", "ib_read_lat -e -s 64 -n 1000", "latency",
             "--operation read --completion events --sizes 64 --iterations 1000"}};
  }
  return {{"write, RC, 64 B", "ib_write_lat -s 64 -n 2000", "latency",
           "--operation write --sizes 64 --iterations 2000"},
          {"send, RC, 64 B", "ib_send_lat -s 64 -n 2000", "latency",
           "--operation send --sizes 64 --iterations 2000"},
          {"bandwidth, write, RC, 4 KiB", "ib_write_bw -s 4096 -n 2000", "bandwidth",
           "--operation write --sizes 4KiB --budget 600ms --precision 0"}};
}

void compare(const Place& guest, const Comparison& what, int rounds) {
  std::vector<Launch> ours;
  std::vector<Launch> theirs;
  for (int round = 0; round < rounds && !interrupted(); ++round) {
    const bool first = round % 2 == 0;
    if (first) ours.push_back({round, run_ours(guest, what)});
    theirs.push_back({round, run_perftest(guest, what)});
    if (!first) ours.push_back({round, run_ours(guest, what)});
    fmt::print(stderr, "{} round {}: migbench {:.3f}, perftest {:.3f}\n", what.name, round + 1,
               ours.back().value, theirs.back().value);
  }
  const auto ratio = RatioBootstrap::make(ours, theirs, 1);
  if (!ratio) throw Error("nothing to compare");
  const auto interval = ratio->interval();
  const auto median = [](const std::vector<Launch>& launches) {
    std::vector<double> values;
    values.reserve(launches.size());
    for (const Launch& launch : launches)
      values.push_back(launch.value);
    std::sort(values.begin(), values.end());
    return quantile_sorted(values, 0.5);
  };
  fmt::print("{}: migbench {:.3f}, perftest {:.3f}, ratio {:.4f} [{:.4f}, {:.4f}], {} rounds\n",
             what.name, median(ours), median(theirs), ratio->ratio(),
             interval ? interval->low : 0.0, interval ? interval->high : 0.0, rounds);
  std::fflush(stdout);
}

int body(int argc, char** argv) {
  CLI::App app("migbench's verbs drivers beside perftest");
  int rounds = 8;
  RoceGuestOptions wanted;
  int icount = -1;
  bool events = false;
  std::string only;
  app.add_option("--rounds", rounds)->check(CLI::Range(6, 1000));
  app.add_option("--icount", icount)->check(CLI::Range(0, 10));
  app.add_option("--vcpus", wanted.vcpus)->check(CLI::Range(1, 64));
  app.add_flag("--events", events);
  app.add_option("--only", only);
  CLI11_PARSE(app, argc, argv);
  if (icount >= 0) wanted = {1, icount};
  if (const auto missing = roce_guest_support())
    throw Error(missing->reason + "; " + missing->remedy);
  if (look_for_program("ib_write_lat").empty())
    throw Error("perftest is not installed: apt-get install perftest");
  catch_interrupts();
  const auto guest = boot_roce_guest(wanted);
  for (const Comparison& what : comparisons(events))
    if (what.name.find(only) != std::string::npos) compare(*guest, what, rounds);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("test_verbs_perftest", [&] { return body(argc, argv); });
}
