// migbench-container: makes and takes away containers on the node that it runs on. Run by the
// harness inside a node (migbench-exec), not by hand.
//
//   migbench-container shell PLAN            a shell without processes: a container can be moved in
//   migbench-container start PLAN            shell and process 1; prints its number
//   migbench-container discard PLAN          takes the shell away
//   migbench-container discard-all PLAN      with the container's files
//
// PLAN is the JSON of a ContainerPlan.
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bench/document.hpp"
#include "bench/error.hpp"
#include "bench/program.hpp"
#include "harness/site/nodes/container_shell.hpp"

namespace {

using namespace migbench;

int run(int argc, char** argv) {
  const std::string_view action = argc == 3 ? argv[1] : "";
  if (argc != 3) throw InputError("usage: migbench-container shell|start|discard|discard-all PLAN");
  const ContainerPlan plan = container_plan(parse_json(argv[2], "the container's plan"));
  if (action == "shell") {
    make_container_shell(plan);
  } else if (action == "start") {
    make_container_shell(plan);
    try {
      fmt::print("{}\n", start_container_init(plan));
    } catch (const std::exception&) {
      discard_container_shell(plan, true);
      throw;
    }
  } else if (action == "discard" || action == "discard-all") {
    discard_container_shell(plan, action == "discard-all");
  } else {
    throw InputError(fmt::format("'{}' is no action of migbench-container", action));
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("migbench-container", [&] { return run(argc, argv); });
}
