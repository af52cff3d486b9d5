// How fast the whole is beside the engine alone. Not in ctest: it measures. test_blast "[speed]".
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <vector>

#include <fmt/format.h>

#include "apps/blast/database.hpp"
#include "apps/blast/synthetic.hpp"
#include "bench/document.hpp"
#include "tests/blast/fixture.hpp"

using namespace migbench;
using namespace migbench::blast;

namespace {

// With six pairs the smallest and the largest ratio enclose the median with 1 - 2 / 2^6 = 96.9 %.
constexpr std::size_t kPairs = 6;

double seconds_of(const std::string& command) {
  const auto start = std::chrono::steady_clock::now();
  REQUIRE(std::system(command.c_str()) == 0);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Of the search alone: mpirun's own start takes most of a second.
double own_seconds(const Scratch& scratch, const std::string& command) {
  REQUIRE(std::system(command.c_str()) == 0);
  return read_json(scratch.path / "doc.json").at("search_s");
}

void report(const char* peer, std::vector<double> ratios) {
  std::sort(ratios.begin(), ratios.end());
  const double median = (ratios[kPairs / 2 - 1] + ratios[kPairs / 2]) / 2;
  fmt::print("migbench-blast, 2 workers / {}: {:.3f} [{:.3f}, {:.3f}] of its time ({} pairs)\n",
             peer, median, ratios.front(), ratios.back(), kPairs);
}

void beside_the_engine(const std::string& task) {
  need_engine();
  const Scratch scratch;
  const auto spec = parse_spec("seed=5,sequences=20000,mean_length=5000,queries=200");
  write_database(spec, scratch.path / "db.fa");
  write_queries(spec, scratch.path / "q.fa", scratch.path / "truth.tsv");
  (void)cut_database(scratch.path / "db.fa", Molecule::nucleotide, 4, scratch.path / "cut");
  const auto dir = scratch.path.string();
  run_tool({"makeblastdb", "-in", dir + "/db.fa", "-dbtype", "nucl", "-out", dir + "/plain"});
  const auto ours = fmt::format(
      "cd {} && OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 {} --oversubscribe "
      "--bind-to none -np 3 {} search --database cut --queries q.fa --output out.tsv --json "
      "doc.json --engine-option=-task --engine-option={} > /dev/null",
      dir, MPIRUN, MIGBENCH_BLAST, task);
  const auto engine = [&](int threads) {
    return fmt::format(
        "cd {} && blastn -task {} -db plain -query q.fa -outfmt 6 -num_threads {} > plain.tsv", dir,
        task, threads);
  };
  std::vector<double> one, two;
  for (std::size_t pair = 0; pair < kPairs; ++pair) {
    const double own = own_seconds(scratch, ours);
    two.push_back(own / seconds_of(engine(2)));
    one.push_back(own / seconds_of(engine(1)));
    CHECK(scratch.read("out.tsv") == scratch.read("plain.tsv"));
  }
  report("blastn, 2 threads", two);
  report("blastn, 1 thread", one);
}

}  // namespace

TEST_CASE("beside the engine alone: its sensitive task, in which searching takes the time",
          "[.][speed]") {
  beside_the_engine("blastn");
}

// A fraction of a second in all: mostly the starts of engines.
TEST_CASE("beside the engine alone: its fast task", "[.][speed]") {
  beside_the_engine("megablast");
}
