#include "harness/environment/checkpointed.hpp"

#include <cstdlib>

#include <fmt/format.h>

#include "bench/error.hpp"

namespace migbench {
namespace {

constexpr Nanoseconds kCheckpointDeadline = std::chrono::seconds(10);

constexpr const char* kCheckpointFront = R"(dir=$1
shift
mkdir -p "$dir" || exit 125
"$@" >"$dir/out" 2>"$dir/err" </dev/null &
echo $! >"$dir/pid.new" && mv "$dir/pid.new" "$dir/pid"
wait $!
status=$?
while [ -e "$dir/moved" ] && [ ! -e "$dir/status" ]; do sleep 0.1; done
[ ! -e "$dir/status" ] || status=$(cat "$dir/status")
cat "$dir/out"
cat "$dir/err" >&2
exit "$status"
)";

constexpr const char* kRestart = R"(dir=$1
shift
"$@" >>"$dir/out" 2>>"$dir/err" </dev/null
echo $? >"$dir/status.new" && mv "$dir/status.new" "$dir/status"
)";

Command script(const char* text, const std::filesystem::path& directory, const Command& command) {
  Command wrapped{.argv = {"sh", "-c", text, "migbench-checkpointed", directory.string()},
                  .env = command.env,
                  .directory = command.directory};
  wrapped.argv.insert(wrapped.argv.end(), command.argv.begin(), command.argv.end());
  return wrapped;
}

}  // namespace

CheckpointedInstance::CheckpointedInstance(Site& site, Node& node, std::string kind,
                                           std::vector<std::string> prefix,
                                           std::vector<std::string> mpi_options)
    : site_(site),
      node_(&node),
      name_(node.name()),
      kind_(std::move(kind)),
      prefix_(std::move(prefix)),
      mpi_options_(std::move(mpi_options)),
      directory_(site.scratch() / fmt::format("{}-{}", kind_, name_)) {}

CheckpointedInstance::~CheckpointedInstance() {
  restarted_.clear();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

Command CheckpointedInstance::behind_script(const Command& command, bool mpi) const {
  const auto directory = directory_ / std::to_string(runs_.size());
  runs_.push_back({.directory = directory, .mpi = mpi, .pid = 0});
  return script(kCheckpointFront, directory, command);
}

Command CheckpointedInstance::enter(const Command& command) const {
  Command launched = command;
  launched.argv.insert(launched.argv.begin(), prefix_.begin(), prefix_.end());
  return node_->enter(behind_script(launched, false));
}

Command CheckpointedInstance::launcher(const Command& mpirun) const {
  Command launched = mpirun;
  launched.argv.insert(launched.argv.begin() + 1, mpi_options_.begin(), mpi_options_.end());
  return behind_script(launched, true);
}

nlohmann::json CheckpointedInstance::facts() const {
  nlohmann::json facts = node_->facts();
  facts["environment"] = kind_;
  facts["node"] = node_->name();
  facts["launcher"] = prefix_;
  facts["mpi_options"] = mpi_options_;
  return facts;
}

std::vector<CheckpointedInstance::Run> CheckpointedInstance::running() const {
  std::vector<Run> alive;
  for (const Run& run : runs_) {
    const Place& place = run.mpi ? site_.head() : static_cast<const Place&>(*node_);
    const Finished finished = place.run(
        {.argv = {"sh", "-c", "read -r pid <\"$1/pid\" && kill -0 \"$pid\" && echo \"$pid\"", "sh",
                  run.directory.string()},
         .env = {},
         .directory = "/"},
        kCheckpointDeadline);
    if (!finished.ok()) continue;
    alive.push_back(run);
    alive.back().pid = static_cast<pid_t>(std::strtol(finished.out.c_str(), nullptr, 10));
  }
  return alive;
}

void CheckpointedInstance::announce_move(const Run& run) const {
  const Place& place = run.mpi ? site_.head() : static_cast<const Place&>(*node_);
  order(place, {"sh", "-c", ": >\"$1/moved\"", "sh", run.directory.string()}, kCheckpointDeadline);
}

void CheckpointedInstance::withdraw_move(const Run& run) const {
  const Place& place = run.mpi ? site_.head() : static_cast<const Place&>(*node_);
  order(place, {"rm", "-f", (run.directory / "moved").string()}, kCheckpointDeadline);
}

void CheckpointedInstance::go_on(const Run& run, const Place& place, const Command& restart) {
  restarted_.push_back(place.start(script(kRestart, run.directory, restart)));
}

}  // namespace migbench
