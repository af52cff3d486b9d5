// migbench-mpi-iterations: an MPI job that iterates with neighbour exchange and allreduce, to be
// moved while it runs. It says how long every iteration took and whether its result is right.
//
// Clocks: a moved rank's clock may hide the time it was away (CRIU restores the monotonic clock).
// Every iteration ends in an allreduce, so the ranks that stay wait for the one that is moved, on
// their own clocks: an iteration lasted as long as the rank that saw it longest says.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <mpi.h>

#include "apps/memory_writer/pages.hpp"
#include "apps/mpi_iterations/ring.hpp"
#include "apps/mpi_iterations/timeline.hpp"
#include "bench/clock.hpp"
#include "bench/document.hpp"
#include "bench/driver_document.hpp"
#include "bench/error.hpp"
#include "bench/program.hpp"
#include "bench/samples.hpp"
#include "bench/version.hpp"

namespace migbench {
namespace {

struct Options {
  Nanoseconds duration{std::chrono::seconds{10}};
  std::uint64_t iterations = 0;  ///< 0: as many as fit into the duration
  std::string ready{};           ///< a file that rank 0 makes after the first iteration
  std::string going{};           ///< a file: not done before it is gone
  std::size_t cells = 64;
  Nanoseconds pause{std::chrono::milliseconds{1}};
  Bytes memory{4UL << 20U};
  std::string json;
};

struct World {
  int rank = 0;
  int size = 1;
};

/// Samples a rank keeps: 20 minutes of iterations of 0.3 ms.
constexpr std::size_t kMostSamples = 4'000'000;

struct Outcome {
  std::uint64_t iterations = 0;
  std::uint64_t sum = 0;
  bool memory_intact = true;
};

/// The two sums of one allreduce: what the next iteration needs, and whether rank 0 wants to end.
struct Reduced {
  std::uint64_t total = 0;
  std::uint64_t stop = 0;
};

Reduced reduce(std::uint64_t sum, bool stop) {
  const Reduced mine{sum, stop ? 1U : 0U};
  Reduced all;
  MPI_Allreduce(&mine, &all, 2, MPI_UINT64_T, MPI_SUM, MPI_COMM_WORLD);
  return all;
}

void compute_for(Nanoseconds pause, Pages& pages) {
  const std::int64_t start = now_ns();
  // The lower bound ends it where the clock of another machine lies behind.
  for (std::int64_t passed = 0; passed >= 0 && passed < pause.count(); passed = now_ns() - start)
    (void)pages.rewrite_next();
}

/// Rank 0 decides it for all.
bool enough(const Options& options, std::uint64_t iterations, std::int64_t elapsed_ns,
            std::int64_t& looked_ns) {
  constexpr std::int64_t kLookEvery = 50'000'000;  // a look at a file is a system call
  if (options.iterations > 0) return iterations >= options.iterations;
  if (elapsed_ns < options.duration.count()) return false;
  if (options.going.empty()) return true;
  if (elapsed_ns - looked_ns < kLookEvery) return false;
  looked_ns = elapsed_ns;
  return !std::filesystem::exists(options.going);
}

Outcome iterate(const Options& options, const World& world, SampleStore& times) {
  Pages pages(options.memory);
  Stretch stretch(static_cast<std::uint64_t>(world.rank) * options.cells, options.cells);
  const int left = (world.rank + world.size - 1) % world.size;
  const int right = (world.rank + 1) % world.size;
  MPI_Barrier(MPI_COMM_WORLD);
  Reduced all = reduce(stretch.sum(), false);
  const std::int64_t start = now_ns();
  std::int64_t before = start;
  std::int64_t looked_ns = 0;
  Outcome outcome;
  while (all.stop == 0) {
    compute_for(options.pause, pages);
    const std::uint64_t mine[2] = {stretch.leftmost(), stretch.rightmost()};
    std::uint64_t halo[2] = {};  // from the left, from the right
    MPI_Sendrecv(&mine[1], 1, MPI_UINT64_T, right, 0, &halo[0], 1, MPI_UINT64_T, left, 0,
                 MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Sendrecv(&mine[0], 1, MPI_UINT64_T, left, 1, &halo[1], 1, MPI_UINT64_T, right, 1,
                 MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    stretch.step(halo[0], halo[1], all.total);
    ++outcome.iterations;
    if (outcome.iterations == 1 && world.rank == 0 && !options.ready.empty())
      write_text(options.ready, "ready\n");
    const bool stop =
        world.rank == 0 && enough(options, outcome.iterations, before - start, looked_ns);
    all = reduce(stretch.sum(), stop);
    const std::int64_t now = now_ns();
    times.add(now - before);
    before = now;
  }
  outcome.sum = all.total;
  outcome.memory_intact = pages.check_all().bad == 0;
  return outcome;
}

/// Every rank's samples on rank 0, [rank][iteration]; empty elsewhere.
std::vector<std::vector<std::int64_t>> gather(const World& world, const SampleStore& times) {
  const auto values = times.values();
  const auto count = static_cast<int>(values.size());  // the same on every rank: they step together
  std::vector<std::int64_t> all(
      world.rank == 0 ? values.size() * static_cast<std::size_t>(world.size) : 0);
  MPI_Gather(values.data(), count, MPI_INT64_T, all.data(), count, MPI_INT64_T, 0, MPI_COMM_WORLD);
  std::vector<std::vector<std::int64_t>> ranks;
  for (std::size_t at = 0; at < all.size(); at += values.size())
    ranks.emplace_back(all.begin() + static_cast<std::ptrdiff_t>(at),
                       all.begin() + static_cast<std::ptrdiff_t>(at + values.size()));
  return ranks;
}

bool everywhere(bool mine) {
  int here = mine ? 1 : 0;
  int all = 0;
  MPI_Allreduce(&here, &all, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
  return all == 1;
}

/// On rank 0: judges, prints, writes. Returns whether the result is right.
bool report(const Options& options, const std::vector<std::string>& argv, const World& world,
            const Outcome& outcome, bool memory_intact, const SampleStore& times,
            const std::vector<std::vector<std::int64_t>>& ranks) {
  const std::uint64_t expected =
      sum_after(options.cells * static_cast<std::size_t>(world.size), outcome.iterations);
  const bool right = expected == outcome.sum && memory_intact;
  const Timeline timeline = lay_together(ranks);
  if (!options.json.empty()) {
    nlohmann::json document = driver_document("migbench-mpi-iterations", argv);
    document["result"] = to_json(timeline);
    document["result"].update({{"ranks", world.size},
                               {"iterations", outcome.iterations},
                               {"samples_dropped", times.overflow()},
                               {"sum", outcome.sum},
                               {"sum_expected", expected},
                               {"memory_intact", memory_intact},
                               {"right", right}});
    deliver_document(document, options.json);
  }
  if (options.json != "-") {
    fmt::print(
        "{} ranks, {} iterations: median {}, longest {} (iteration {}), lost progress {} = {:.0f} "
        "iterations, result {}\n",
        world.size, outcome.iterations, format_duration(Nanoseconds{timeline.median_ns}),
        format_duration(Nanoseconds{timeline.longest_ns}), timeline.longest_at,
        format_duration(Nanoseconds{timeline.lost_ns}), timeline.lost_iterations(),
        right ? "right" : "WRONG");
  }
  return right;
}

int measure(const Options& options, const std::vector<std::string>& argv) {
  World world;
  MPI_Comm_rank(MPI_COMM_WORLD, &world.rank);
  MPI_Comm_size(MPI_COMM_WORLD, &world.size);
  SampleStore times(options.iterations > 0 ? std::min<std::size_t>(options.iterations, kMostSamples)
                                           : kMostSamples);
  const Outcome outcome = iterate(options, world, times);
  const bool memory_intact = everywhere(outcome.memory_intact);
  const auto ranks = gather(world, times);
  int right = 1;
  if (world.rank == 0)
    right = report(options, argv, world, outcome, memory_intact, times, ranks) ? 1 : 0;
  MPI_Bcast(&right, 1, MPI_INT, 0, MPI_COMM_WORLD);
  return static_cast<int>(right == 1 ? ExitCode::ok : ExitCode::failed);
}

/// Nothing: the program has said what there was to say (--help, a bad option).
std::optional<int> parse(int argc, char** argv, Options& options) {
  std::string duration = "10s";
  std::string pause = "1ms";
  std::string memory = "4MiB";
  CLI::App app{
      "Iterates with neighbour exchange and allreduce, and checks its result: a job to be moved "
      "while it runs."};
  app.footer("Example: mpirun -n 3 migbench-mpi-iterations --duration 30s --json out.json");
  app.set_version_flag("--version", version_line("migbench-mpi-iterations"));
  app.add_option("--duration", duration, "running time, by rank 0's clock")->capture_default_str();
  app.add_option("--iterations", options.iterations, "iterations, instead of a running time");
  app.add_option("--ready", options.ready, "file to make after the first iteration");
  app.add_option("--while", options.going, "and on, as long as this file is there");
  app.add_option("--cells", options.cells, "cells a rank")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 24U));
  app.add_option("--compute", pause, "computing between two exchanges (rewrites memory)")
      ->capture_default_str();
  app.add_option("--memory", memory, "resident memory of every rank, checked at the end")
      ->capture_default_str();
  const auto* json =
      app.add_option("--json", options.json, "write the result as JSON to FILE, or to the output")
          ->expected(0, 1)
          ->type_name("[FILE|-]");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::bad_input);
  }
  if (json->count() > 0 && options.json.empty()) options.json = "-";
  options.duration = parse_duration(duration);
  options.pause = parse_duration(pause);
  options.memory = parse_bytes(memory);
  return std::nullopt;
}

}  // namespace
}  // namespace migbench

int main(int argc, char** argv) {
  return migbench::run_program("migbench-mpi-iterations", [&] {
    migbench::Options options;
    // Before MPI_Init, so that --help needs no mpirun and a bad option no MPI_Abort.
    if (const auto status = migbench::parse(argc, argv, options)) return *status;
    MPI_Init(&argc, &argv);
    const int status = migbench::measure(options, {argv, argv + argc});
    MPI_Finalize();
    return status;
  });
}
