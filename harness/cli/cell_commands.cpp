#include "harness/cli/cell_commands.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/run/support.hpp"
#include "harness/run/trial_jobs.hpp"
#include "harness/site/mpi_launch.hpp"

namespace migbench {
namespace {

/// An instance that is not there yet: its name is known, its address is not.
class PlannedPlace : public Place {
 public:
  explicit PlannedPlace(int number)
      : name_(fmt::format("i{}", number)), address_("{" + name_ + "}") {}
  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] const std::string& address() const override { return address_; }
  [[nodiscard]] Command enter(const Command& command) const override { return command; }
  void copy_to(const std::filesystem::path& /*here*/,
               const std::filesystem::path& /*there*/) const override {}
  void copy_from(const std::filesystem::path& /*there*/,
                 const std::filesystem::path& /*here*/) const override {}
  [[nodiscard]] bool shares_clock() const override { return false; }

 private:
  std::string name_;
  std::string address_;
};

Command mpi_command(const Job& job, const std::vector<std::unique_ptr<PlannedPlace>>& places) {
  MpiJob mpi{{}, job.program, job.transport, job.mca};
  const auto blocks = ranks_in_blocks(job.ranks, static_cast<int>(places.size()));
  for (std::size_t i = 0; i < places.size(); ++i)
    if (blocks[i] > 0) mpi.groups.push_back({places[i].get(), blocks[i]});
  return mpi_command_line(mpi, {.agent = "{agent}", .network = "{network}"}, mpi_version());
}

std::vector<PlannedCommand> supported_commands(const Cell& cell) {
  std::vector<PlannedCommand> list;
  const auto parts = parts_of(cell);
  auto job = parts.workload->job(cell.settings());
  job = with_signs(job, signs_of(job, cell, "{scratch}"));
  std::vector<std::unique_ptr<PlannedPlace>> places;
  for (int i = 0; i < std::max(1, job.instances); ++i)
    places.push_back(std::make_unique<PlannedPlace>(i + 1));
  if (!cell.probe.is_null()) {
    list.push_back({"echo-server", places.back()->name(),
                    shell_quote(echo_command(places.back()->address()))});
    list.push_back(
        {"probe", "head",
         shell_quote(probe_command(cell.probe, places.back()->address(), "{scratch}/probe.json"))});
  }
  if (job.ranks > 0) {
    list.push_back({"workload", "head", shell_quote(mpi_command(job, places))});
  } else if (!job.program.argv.empty()) {
    list.push_back({"workload", places.front()->name(), shell_quote(job.program)});
  }
  if (cell.technique)
    list.push_back({"move", places.back()->name(),
                    fmt::format("{}, {} time{}", *cell.technique, cell.migrations,
                                cell.migrations == 1 ? "" : "s")});
  return list;
}

}  // namespace

std::vector<PlannedCommand> cell_commands(const Cell& cell) {
  if (const auto no = check_combination(cell))
    return {{"unsupported", "nowhere", no->reason + "; " + no->remedy}};
  try {
    return supported_commands(cell);
  } catch (const Error& missing) {
    // A plan can be looked at where it could not run.
    return {{"unsupported", "nowhere", missing.what()}};
  }
}

}  // namespace migbench
