#include "harness/run/support.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/environment/own_devices.hpp"
#include "harness/registry.hpp"

namespace migbench {

namespace {

/// What a workload needs is looked for on the node, unless the environment brings it. That one is
/// asked with the plan's own parameters: some of a workload's defaults have the name of one of its.
Support check_workload(const CellParts& parts, const Cell& cell, const Site& site) {
  const auto* brings = dynamic_cast<const OwnDevices*>(parts.environment);
  const auto* needs = dynamic_cast<const NeedsRdma*>(parts.workload);
  if (brings != nullptr && needs != nullptr && brings->has_rdma(cell.parameters))
    return needs->check_but_device(&site);
  return parts.workload->check(&site);
}

}  // namespace

CellParts parts_of(const Cell& cell) {
  return {
      &Registry<Environment>::instance().at(cell.environment, "environment"),
      &Registry<Workload>::instance().at(cell.workload, "workload"),
      cell.technique ? &Registry<Technique>::instance().at(*cell.technique, "technique") : nullptr,
      &Registry<Environment>::instance().at(cell.peers(), "environment")};
}

Support check_combination(const Cell& cell) {
  const auto parts = parts_of(cell);
  if (parts.technique != nullptr) {
    const auto movable = parts.technique->environments();
    if (std::find(movable.begin(), movable.end(), cell.environment) == movable.end())
      return Unsupported{fmt::format("technique '{}' cannot move environment '{}'", *cell.technique,
                                     cell.environment),
                         fmt::format("use it with: {}", fmt::join(movable, ", "))};
  }
  try {
    const Job job = parts.workload->job(cell.settings());
    if (parts.technique != nullptr && parts.technique->moves_whole_jobs() && job.ranks > 0)
      return Unsupported{
          fmt::format("technique '{}' moves a job whole, and the ranks of this one hang on an "
                      "mpirun elsewhere",
                      *cell.technique),
          "set the workload's parameters \"launcher\": \"inside\" and \"instances\": 1"};
    if (parts.technique == nullptr && !cell.control && job.program.argv.empty())
      return Unsupported{
          fmt::format("workload '{}' runs nothing that could be measured", cell.workload),
          "give the experiment a technique"};
  } catch (const Error& missing) {
    return Unsupported{missing.what(), "build or install it"};
  }
  return {};
}

Support check_cell(const Cell& cell, const Site& site) {
  if (auto no = check_combination(cell)) return no;
  const auto parts = parts_of(cell);
  if (auto no = parts.environment->check(&site)) return no;
  if (parts.peers != parts.environment)
    if (auto no = parts.peers->check(&site)) return no;
  if (auto no = check_workload(parts, cell, site)) return no;
  if (parts.technique != nullptr)
    if (auto no = parts.technique->check(&site)) return no;
  const auto instances =
      static_cast<std::size_t>(std::max(1, parts.workload->job(cell.settings()).instances));
  const bool moves = parts.technique != nullptr && parts.technique->changes_node();
  const auto needed = instances + (moves ? 1 : 0);
  if (site.nodes().size() < needed)
    return Unsupported{
        fmt::format("it needs {} nodes{}, the site has {}", needed,
                    moves ? " (one of them free to move to)" : "", site.nodes().size()),
        fmt::format("--set site.nodes={}", needed)};
  return {};
}

}  // namespace migbench
