#include "harness/run/placing.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/placement/evidence.hpp"
#include "harness/placement/seat.hpp"
#include "harness/programs.hpp"

namespace migbench {
namespace {

using nlohmann::json;

constexpr Nanoseconds kPlacingDeadline = std::chrono::seconds{10};

std::vector<int> groups_of(const Job& job) {
  return job.ranks == 0 ? std::vector<int>{1} : ranks_in_blocks(job.ranks, job.instances);
}

/// `shared`: the instances run on the processors of one machine, and see them all.
std::vector<std::string> pin_command(const Job& job, bool shared) {
  std::vector<std::string> argv{find_program("migbench-pin").string(), "--placement", job.placement,
                                "--groups", fmt::format("{}", fmt::join(groups_of(job), ","))};
  if (shared) argv.emplace_back("--shared");
  return argv;
}

bool reads(const Environment& environment, std::string_view parameter) {
  const auto names = environment.parameters();
  return std::find(names.begin(), names.end(), parameter) != names.end();
}

/// The processors of the node on which the group's ranks would run natively; none where it cannot
/// say: then the guest stays unpinned, and the evidence shows it.
std::vector<unsigned> native_cpus(const Job& job, const Node& node, int group) {
  auto argv = pin_command(job, node.shares_clock());
  argv.insert(argv.end(), {"--print", std::to_string(group)});
  const auto finished = node.run({std::move(argv)}, kPlacingDeadline);
  const json list = json::parse("[" + finished.out + "]", nullptr, false);
  return finished.ok() && list.is_array() ? list.get<std::vector<unsigned>>()
                                          : std::vector<unsigned>{};
}

}  // namespace

Command placed_program(const Job& job, const Instances& instances) {
  Command program = job.program;
  if (job.placement.empty()) return program;
  // A guest, or another host, has a clock and processors of its own; virtual nodes share both.
  const bool shared = std::all_of(instances.begin(), instances.end(),
                                  [](const auto& instance) { return instance->shares_clock(); });
  auto argv = pin_command(job, shared);
  argv.emplace_back("--");
  program.argv.insert(program.argv.begin(), argv.begin(), argv.end());
  return program;
}

json instance_parameters(const Job& job, const Environment& environment, const json& parameters,
                         const Node& node, int group) {
  json completed = parameters;
  if (reads(environment, "programs") && !job.programs.empty() && !parameters.contains("programs")) {
    std::vector<std::string> paths;
    for (const auto& path : job.programs)
      paths.push_back(path.string());
    completed["programs"] = fmt::format("{}", fmt::join(paths, ","));
  }
  const bool places = !job.placement.empty() && job.placement != name(Placement::free);
  if (!places || parameters.contains("pin") || !reads(environment, "pin")) return completed;
  const auto cpus = native_cpus(job, node, group);
  if (cpus.empty()) return completed;
  const auto vcpus = parameters.value("vcpus", static_cast<int>(cpus.size()));
  std::vector<unsigned> pins;
  pins.reserve(static_cast<std::size_t>(vcpus));
  for (int i = 0; i < vcpus; ++i)
    pins.push_back(cpus[static_cast<std::size_t>(i) % cpus.size()]);
  completed["vcpus"] = vcpus;
  completed["pin"] = fmt::format("{}", fmt::join(pins, ","));
  return completed;
}

json take_evidence(const Job& job, std::string& err, const json& instances) {
  if (job.placement.empty()) return nullptr;
  return evidence_of(take_witnesses(err), job.placement, groups_of(job), instances);
}

}  // namespace migbench
