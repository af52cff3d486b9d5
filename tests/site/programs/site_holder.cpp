// Brings up a site with containers and workloads and holds it until it is killed. Tests only.
//
//   test_site_holder hold     until a signal ends it
//   test_site_holder catch    as the harness does: signals are caught, everything is unwound
//   test_site_holder throw    an exception in the middle of it
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "bench/program.hpp"
#include "harness/environment/environment.hpp"
#include "harness/registry.hpp"
#include "harness/site/site.hpp"

namespace {

using namespace migbench;

void say(const char* stage) {
  std::puts(stage);
  std::fflush(stdout);
}

int hold(std::string_view mode) {
  if (mode == "catch") catch_interrupts();
  const auto site = Registry<SiteKind>::instance().at("local", "site").bring_up({{"nodes", 2}});
  say("site");
  const auto& containers = Registry<Environment>::instance().at("container", "environment");
  std::vector<std::unique_ptr<Instance>> instances;
  for (std::size_t i = 0; i < 2; ++i)
    instances.push_back(containers.bring_up(
        *site,
        {.name = "c" + std::to_string(i + 1), .node = site->nodes()[i].get(), .parameters = {}}));
  say("containers");
  // Deaf to SIGTERM, in sessions of their own, and one that writes all the time.
  const Command deaf{.argv = {"sh", "-c", "trap '' TERM INT; setsid sleep 1000 & sleep 1001"},
                     .env = {},
                     .directory = {}};
  const Command writer{
      .argv = {"sh", "-c", "while :; do echo x; sleep 0.01; done"}, .env = {}, .directory = {}};
  const ProcessOptions brief{.input = {}, .grace = std::chrono::milliseconds(20)};
  std::vector<Process> processes;
  for (const auto& instance : instances) {
    processes.push_back(instance->start(deaf, brief));
    processes.push_back(instance->start(writer, brief));
    processes.push_back(instance->node().start(deaf, brief));
  }
  const MpiJob job{.groups = {{site->nodes()[0].get(), 1}, {instances[1].get(), 1}},
                   .program = {.argv = {"sleep", "1002"}, .env = {}, .directory = {}}};
  processes.push_back(site->head().start(site->mpi_command(job), brief));
  say("running");
  if (mode == "throw") throw std::runtime_error("in the middle of it");
  while (!interrupted())
    ::usleep(1000);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return migbench::run_program("test_site_holder",
                               [&] { return hold(argc > 1 ? argv[1] : "hold"); });
}
