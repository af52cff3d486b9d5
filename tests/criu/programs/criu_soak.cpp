// criu_soak: moves one rank of a running MPI job there and back, N times, and looks at the job's
// result. Not part of the tests: 100 moves take some minutes.
//   bin/criu_soak [--moves 100] [--technique criu-stop-copy] [--json FILE]
#include <algorithm>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bench/clock.hpp"
#include "bench/document.hpp"
#include "bench/program.hpp"
#include "bench/quantile.hpp"
#include "harness/environment/container.hpp"
#include "harness/migration/technique.hpp"
#include "harness/programs.hpp"

using namespace migbench;

namespace {

struct Options {
  int moves = 100;
  std::string technique = "criu-stop-copy";
  std::string memory = "4MiB";
  std::string settle = "300ms";
  std::string json;
};

/// Takes away the file whose existence keeps the job running.
struct KeepGoing {
  std::filesystem::path path;
  explicit KeepGoing(std::filesystem::path at) : path(std::move(at)) {
    std::ofstream(path) << "\n";
  }
  ~KeepGoing() { std::filesystem::remove(path); }
  KeepGoing(const KeepGoing&) = delete;
  KeepGoing& operator=(const KeepGoing&) = delete;
};

double median(std::vector<double> values) {
  const auto summary = summarize(std::span<const double>(values));
  return summary ? summary->median : 0;
}

int soak(const Options& options) {
  const auto& technique = Registry<Technique>::instance().at(options.technique, "technique");
  auto site = Registry<SiteKind>::instance()
                  .at("local", "site")
                  .bring_up({{"kind", "local"}, {"nodes", 3}});
  if (const auto no = technique.check(site.get())) {
    fmt::print("unsupported: {}; {}\n", no->reason, no->remedy);
    return static_cast<int>(ExitCode::nothing_could_run);
  }
  const auto& container = Registry<Environment>::instance().at("container", "environment");
  const auto& nodes = site->nodes();
  const auto stays = container.bring_up(*site, {"i1", nodes[0].get(), {}});
  const auto moved = container.bring_up(*site, {"i2", nodes[1].get(), {}});

  const auto ready = site->scratch() / "ready";
  KeepGoing going(site->scratch() / "going");
  const MpiJob job{.groups = {{stays.get(), 2}, {moved.get(), 1}},
                   .program = {.argv = {find_program("migbench-mpi-iterations").string(), "--while",
                                        going.path.string(), "--ready", ready.string(), "--memory",
                                        options.memory, "--json", "-"}},
                   .transport = "tcp",
                   .mca = {}};
  Process running = site->head().start(site->mpi_command(job));
  const auto patience = deadline_now_ns() + 120'000'000'000;
  while (!std::filesystem::exists(ready) && running.running() && deadline_now_ns() < patience)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));

  std::vector<double> times;
  for (int i = 0; i < options.moves && running.running() && !interrupted(); ++i) {
    const auto migration = technique.prepare({.site = site.get(),
                                              .instance = moved.get(),
                                              .destination = nodes[i % 2 == 0 ? 2 : 1].get(),
                                              .parameters = nlohmann::json::object(),
                                              .deadline = std::chrono::seconds(60)});
    const MoveResult result = migration->move();
    if (!result.moved) throw Error(fmt::format("move {}: {}", i + 1, result.reason));
    std::this_thread::sleep_for(parse_duration(options.settle));
    times.push_back(static_cast<double>(result.done_ns - result.request_ns) / 1e6);
    if ((i + 1) % 10 == 0) fmt::print(stderr, "{} moves\n", i + 1);
  }
  std::filesystem::remove(going.path);
  const Finished finished = running.wait(std::chrono::minutes(2));
  if (!finished.ok()) throw Error(describe(finished));
  const auto document = parse_json(finished.out.substr(finished.out.find('{')), "the job's output");
  const auto& result = document.at("result");
  const bool right = result.at("right").get<bool>();
  nlohmann::json out = driver_document("criu_soak", {options.technique});
  out["result"] = {{"technique", options.technique},
                   {"moves", times.size()},
                   {"right", right},
                   {"iterations", result.at("iterations")},
                   {"longest_iteration_ns", result.at("longest_ns")},
                   {"migration_time_ms", times},
                   {"migration_time_median_ms", median(times)}};
  if (!options.json.empty()) write_json(options.json, out);
  fmt::print(
      "{} of {} moves with {}, median migration time {:.0f} ms, {} iterations, longest {}, "
      "result {}\n",
      times.size(), options.moves, options.technique, median(times), result.at("iterations").dump(),
      format_duration(Nanoseconds{result.at("longest_ns").get<std::int64_t>()}),
      right ? "right" : "WRONG");
  const bool all = static_cast<int>(times.size()) == options.moves;
  return static_cast<int>(right && all ? ExitCode::ok : ExitCode::failed);
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("criu_soak", [&] {
    Options options;
    CLI::App app{"Moves one rank of a running MPI job there and back, and looks at its result."};
    app.add_option("--moves", options.moves, "how often")->capture_default_str();
    app.add_option("--technique", options.technique, "how")->capture_default_str();
    app.add_option("--memory", options.memory, "of each rank")->capture_default_str();
    app.add_option("--settle", options.settle, "pause after each move")->capture_default_str();
    app.add_option("--json", options.json, "write the figures to FILE");
    try {
      app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::bad_input);
    }
    catch_interrupts();
    return soak(options);
  });
}
