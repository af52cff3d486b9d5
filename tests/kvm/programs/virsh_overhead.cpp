// migbench against virsh: the same live migration of the same machine, from the same daemons, in
// pairs. Prints the ratio of the medians with its interval and whether it is at most 1.05; exit
// status 0 only where it is. Run by hand on a quiet machine: test_kvm_overhead [PAIRS]
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <fmt/format.h>
#include <migbench_have.hpp>

#include "bench/clock.hpp"
#include "bench/error.hpp"
#include "bench/program.hpp"
#include "harness/environment/environment.hpp"
#include "harness/migration/technique.hpp"
#include "harness/programs.hpp"
#include "harness/registry.hpp"
#include "harness/stats/ratio.hpp"

#if MIGBENCH_HAVE_LIBVIRT
#include "harness/libvirt/machine.hpp"
#endif

namespace {

using namespace migbench;

constexpr double kMost = 1.05;
constexpr int kPairs = 100;
constexpr Nanoseconds kBudget = std::chrono::seconds(280);
constexpr std::uint64_t kSeed = 20140825;

double milliseconds(std::int64_t ns) {
  return static_cast<double>(ns) / 1e6;
}

/// virsh has moved it behind the harness's back.
void tell([[maybe_unused]] Instance& machine, [[maybe_unused]] Node& now_at) {
#if MIGBENCH_HAVE_LIBVIRT
  dynamic_cast<libvirt::Machine&>(machine).moved_to(now_at);
#endif
}

struct Mover {
  Site& site;
  Instance& machine;
  int at = 0;
  double around = 0;  ///< ms: the last move through migbench with all that it does before and after

  Node& there() const { return *site.nodes()[static_cast<std::size_t>(1 - at)]; }

  double by_migbench() {
    const std::int64_t start = deadline_now_ns();
    const auto move = Registry<Technique>::instance()
                          .at("kvm-live", "technique")
                          .prepare({&site, &machine, &there(), {}, std::chrono::seconds(60)})
                          ->move();
    around = milliseconds(deadline_now_ns() - start);
    if (!move.moved) throw Error(move.reason);
    at = 1 - at;
    return milliseconds(move.done_ns - move.request_ns);
  }

  double by_virsh() {
    const auto uri = [&](const Node& node) {
      return fmt::format("qemu+unix:///system?socket={}/libvirt/{}/run/libvirt-sock",
                         site.scratch().string(), node.name());
    };
    const std::string domain = machine.facts().at("domain").get<std::string>();
    const Node& here = *site.nodes()[static_cast<std::size_t>(at)];
    const Finished virsh =
        run({{find_program("virsh").string(), "-c", uri(here), "migrate", "--live", "--p2p", domain,
              fmt::format("qemu+tcp://{}/system", there().address())}},
            std::chrono::seconds(60));
    if (!virsh.ok()) throw Error(describe(virsh));
    tell(machine, there());
    at = 1 - at;
    return std::chrono::duration<double, std::milli>(virsh.elapsed).count();
  }
};

struct Figures {
  std::vector<Launch> migbench{}, virsh{}, around{};
};

/// Who goes first, and which way, changes from pair to pair: neither order nor node favours one.
Figures measure(Mover& mover, int pairs) {
  Figures figures;
  (void)mover.by_migbench();  // the first moves start the second daemon and fill caches
  (void)mover.by_virsh();
  const std::int64_t end = deadline_now_ns() + kBudget.count();
  for (int pair = 0; pair < pairs && deadline_now_ns() < end; ++pair) {
    Launch ours{pair, 0}, theirs{pair, 0};
    if (pair % 2 == 0) ours.value = mover.by_migbench();
    theirs.value = mover.by_virsh();
    if (pair % 2 == 1) ours.value = mover.by_migbench();
    fmt::print("migbench {:7.1f} ms   virsh {:7.1f} ms\n", ours.value, theirs.value);
    std::fflush(stdout);
    figures.migbench.push_back(ours);
    figures.virsh.push_back(theirs);
    figures.around.push_back({pair, mover.around});
  }
  return figures;
}

double median_of(const std::vector<Launch>& launches) {
  std::vector<double> values;
  for (const Launch& launch : launches)
    values.push_back(launch.value);
  return summarize(std::span<const double>(values))->median;
}

/// The same launches without what pairs them: RatioBootstrap then takes the medians of both sides.
std::vector<Launch> unpaired(std::vector<Launch> launches, std::int64_t first_round) {
  for (Launch& launch : launches)
    launch.round += first_round;
  return launches;
}

std::optional<Interval> print_ratio(const std::vector<Launch>& ours,
                                    const std::vector<Launch>& theirs) {
  const auto ratio = RatioBootstrap::make(ours, theirs, kSeed);
  if (!ratio) throw Error("a migration took no time");
  const auto interval = ratio->interval();
  fmt::print("{}: {:.3f}", name(ratio->estimator()), ratio->ratio());
  if (interval) fmt::print(" [{:.3f}, {:.3f}]", interval->low, interval->high);
  fmt::print("\n");
  return interval;
}

int judge(const Figures& figures) {
  constexpr std::int64_t kApart = 1'000'000;
  fmt::print("{} pairs; medians: migbench {:.1f} ms, virsh {:.1f} ms\n", figures.virsh.size(),
             median_of(figures.migbench), median_of(figures.virsh));
  fmt::print("with migbench's preparation before and its look at both ends after: {:.1f} ms\n",
             median_of(figures.around));
  (void)print_ratio(figures.migbench, figures.virsh);
  const auto interval = print_ratio(figures.migbench, unpaired(figures.virsh, kApart));
  if (interval && interval->high <= kMost) {
    fmt::print("verdict: at most {}\n", kMost);
    return static_cast<int>(ExitCode::ok);
  }
  const bool more = interval && interval->low > kMost;
  fmt::print(
      "verdict: {}\n",
      more ? fmt::format("more than {}", kMost)
           : fmt::format("ambiguous, {} lies in the interval: more pairs, or less load", kMost));
  return static_cast<int>(ExitCode::failed);
}

int compare(int pairs) {
  const auto site = Registry<SiteKind>::instance().at("local", "site").bring_up({{"nodes", 2}});
  const auto machine =
      Registry<Environment>::instance()
          .at("kvm", "environment")
          .bring_up(*site, {"g1", site->nodes()[0].get(), {{"guest_memory", "128MiB"}}});
  Mover mover{*site, *machine};
  return judge(measure(mover, pairs));
}

}  // namespace

int main(int argc, char** argv) {
  return migbench::run_program("test_kvm_overhead", [&] {
    return compare(argc > 1 ? std::max(1, std::atoi(argv[1])) : kPairs);
  });
}
