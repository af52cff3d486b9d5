// Starts a migration that does not end, says so, and waits to be killed.
#include <fstream>

#include <fmt/format.h>
#include <unistd.h>

#include "bench/program.hpp"
#include "harness/environment/environment.hpp"
#include "harness/migration/technique.hpp"
#include "harness/registry.hpp"

int main() {
  using namespace migbench;
  return run_program("test_kvm_killed", [] {
    const auto site = Registry<SiteKind>::instance().at("local", "site").bring_up({{"nodes", 2}});
    const auto machine = Registry<Environment>::instance()
                             .at("kvm", "environment")
                             .bring_up(*site, {"g1", site->nodes()[0].get(), {}});
    const nlohmann::json slow{{"link_rate", "20Mbit"}};
    const auto migration = Registry<Technique>::instance()
                               .at("kvm-live", "technique")
                               .prepare({site.get(), machine.get(), site->nodes()[1].get(), slow,
                                         std::chrono::seconds(60)});
    std::ofstream(fmt::format("/tmp/migbench-killed-{}", ::getpid()))
        << site->scratch().parent_path().string();
    fmt::print("migrating in {}\n", site->scratch().string());
    std::fflush(stdout);
    return migration->move().moved ? 0 : 1;
  });
}
