// migbench against virsh: the same live migration, alternating, from the same daemons. Prints the
// medians of both and their ratio; run by hand on a quiet machine: test_kvm_overhead [PAIRS]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <fmt/format.h>

#include "bench/error.hpp"
#include "bench/program.hpp"
#include "harness/environment/environment.hpp"
#include "harness/migration/technique.hpp"
#include "harness/programs.hpp"
#include "harness/registry.hpp"

namespace {

using namespace migbench;

struct Pair {
  Site& site;
  Instance& machine;
  int at = 0;

  Node& there() const { return *site.nodes()[static_cast<std::size_t>(1 - at)]; }

  double by_migbench() {
    const auto move = Registry<Technique>::instance()
                          .at("kvm-live", "technique")
                          .prepare({&site, &machine, &there(), {}, std::chrono::seconds(60)})
                          ->move();
    if (!move.moved) throw Error(move.reason);
    at = 1 - at;
    return static_cast<double>(move.done_ns - move.request_ns) / 1e6;
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
    at = 1 - at;
    return std::chrono::duration<double, std::milli>(virsh.elapsed).count();
  }
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

int compare(int pairs) {
  const auto site = Registry<SiteKind>::instance().at("local", "site").bring_up({{"nodes", 2}});
  const auto machine =
      Registry<Environment>::instance()
          .at("kvm", "environment")
          .bring_up(*site, {"g1", site->nodes()[0].get(), nlohmann::json::object()});
  Pair both{*site, *machine};
  std::vector<double> ours, theirs;
  (void)both.by_migbench();  // the first move starts the second daemon
  // The two directions in turn for each, so that neither node favours one of them.
  for (int i = 0; i < pairs; ++i) {
    for (int direction = 0; direction < 2; ++direction)
      ours.push_back(both.by_migbench());
    for (int direction = 0; direction < 2; ++direction)
      theirs.push_back(both.by_virsh());
    fmt::print("migbench {:7.1f} {:7.1f} ms   virsh {:7.1f} {:7.1f} ms\n", ours[ours.size() - 2],
               ours.back(), theirs[theirs.size() - 2], theirs.back());
    std::fflush(stdout);
  }
  fmt::print("n {}  median: migbench {:.1f} ms, virsh {:.1f} ms, ratio {:.3f}\n", ours.size(),
             median(ours), median(theirs), median(ours) / median(theirs));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return migbench::run_program(
      "test_kvm_overhead", [&] { return compare(argc > 1 ? std::max(1, std::atoi(argv[1])) : 5); });
}
