// The technique `criu-shell`: CRIU's commands one after the other from a shell, as one would script
// it by hand. There to compare criu-stop-copy with, and to be read: these are the commands.
//
// Images lie on a file system that both nodes share, the fastest way by hand. Nothing takes the
// move back: a restore that fails has lost the workload, of which the images are kept.
#include <filesystem>

#include <fmt/format.h>

#include "bench/clock.hpp"
#include "bench/error.hpp"
#include "harness/environment/container.hpp"
#include "harness/migration/criu_move.hpp"
#include "harness/migration/criu_supply.hpp"

namespace migbench {
namespace {

namespace fs = std::filesystem;

/// $1 criu, $2 image directory, $3 process, $4 port, then criu's options.
constexpr const char* kDump = R"(criu=$1 images=$2 pid=$3 port=$4; shift 4
mkdir -p "$images" && "$criu" dump -t "$pid" -D "$images" -o dump.log --tcp-established "$@" &&
ip link set "$port" down)";

/// For bash: others know no descriptor 10.
/// $1 criu, $2 image directory, $3 network namespace, $4 port, then criu's options. Prints the
/// process. The port comes up last: an empty namespace would answer TCP with RST.
constexpr const char* kRestore = R"(criu=$1 images=$2 net=$3 port=$4; shift 4
exec 10<"$net" &&
"$criu" restore -d -D "$images" -o restore.log --pidfile pid --tcp-established \
  --inherit-fd "fd[10]:ctnet" "$@" &&
ip link set "$port" up && cat "$images/pid")";

class ShellMove : public Migration {
 public:
  explicit ShellMove(const MoveRequest& request)
      : container_(container_of(request)),
        destination_(*as_local(request.destination)),
        deadline_(request.deadline),
        lock_(request.parameters.value("network_lock", "nftables")),
        images_(container_.site().shared() / ("criu-shell-" + container_.name())),
        twin_(container_.prepare_shell(destination_)) {
    if (lock_ != "nftables" && lock_ != "iptables" && lock_ != "skip")
      throw InputError("network_lock: 'nftables', 'iptables' or 'skip' is needed, not '" + lock_ +
                       "'");
  }

  [[nodiscard]] MoveResult move() override {
    MoveResult result;
    result.facts = {
        {"criu", {{"program", criu_supply().program.string()}, {"version", criu_supply().version}}},
        {"images", "shared"},
        {"network_lock", lock_}};
    result.request_ns = deadline_now_ns();
    const Finished dumped = container_.shell().node().run(dump(), deadline_);
    const std::int64_t between = deadline_now_ns();
    result.phases.push_back({.name = "dump", .start_ns = result.request_ns, .end_ns = between});
    if (!dumped.ok()) {
      result.moved = false;
      result.reason =
          fmt::format("{}; see {} on {}", describe(dumped), (images_ / "dump.log").string(),
                      container_.shell().node().name());
      result.done_ns = between;
      return result;
    }
    const Finished restored = destination_.run(restore(), deadline_);
    if (!restored.ok())
      throw Error(fmt::format("{}: the workload was lost, its images are in {}: {}",
                              container_.name(), images_.string(), describe(restored)));
    twin_->announce();
    result.done_ns = deadline_now_ns();
    result.phases.push_back({.name = "restore", .start_ns = between, .end_ns = result.done_ns});
    twin_ = container_.adopt(std::move(twin_), std::stoi(restored.out));
    (void)destination_.run({.argv = {"rm", "-rf", images_.string()}, .env = {}, .directory = "/"},
                           deadline_);
    return result;
  }

 private:
  static ContainerInstance& container_of(const MoveRequest& request) {
    auto* container = dynamic_cast<ContainerInstance*>(request.instance);
    if (container == nullptr || as_local(request.destination) == nullptr)
      throw Error("criu-shell: only containers on a local site are moved");
    return *container;
  }

  [[nodiscard]] Command dump() const {
    const ContainerShell& here = container_.shell();
    Command command = script(kDump, std::to_string(here.init()));
    add(command, {"--external", fmt::format("net[{}]:ctnet", here.network_inode())});
    for (const ExternalMount& mount : here.externals())
      add(command, {"--external", fmt::format("mnt[{}]:{}", mount.inside.string(), mount.key)});
    return command;
  }

  [[nodiscard]] Command restore() const {
    Command command = script(kRestore, twin_->network_path().string());
    add(command, {"--root", twin_->root().string()});
    for (const ExternalMount& mount : twin_->externals())
      add(command, {"--external", fmt::format("mnt[{}]:{}", mount.key, mount.outside.string())});
    return command;
  }

  [[nodiscard]] Command script(const char* text, const std::string& what) const {
    return {.argv = {"bash", "-c", text, "bash", criu_supply().program.string(), images_.string(),
                     what, container_port(container_.address()), "--manage-cgroups=ignore",
                     "--network-lock", lock_},
            .env = {},
            .directory = "/"};
  }

  static void add(Command& command, std::initializer_list<std::string> words) {
    command.argv.insert(command.argv.end(), words);
  }

  ContainerInstance& container_;
  LocalNode& destination_;
  Nanoseconds deadline_;
  std::string lock_;
  fs::path images_;
  std::unique_ptr<ContainerShell> twin_;
};

class CriuShell : public Technique {
 public:
  [[nodiscard]] std::string_view name() const override { return "criu-shell"; }
  [[nodiscard]] std::string_view summary() const override {
    return "CRIU by its commands in a shell script, to compare with; images on a shared tmpfs";
  }
  [[nodiscard]] std::vector<std::string_view> environments() const override {
    return {"container"};
  }
  [[nodiscard]] Support check(const Site* site) const override { return check_criu_move(site); }
  [[nodiscard]] std::vector<std::string_view> parameters() const override {
    return {"network_lock"};
  }
  [[nodiscard]] std::unique_ptr<Migration> prepare(const MoveRequest& request) const override {
    return std::make_unique<ShellMove>(request);
  }
};

MIGBENCH_REGISTER(Technique, CriuShell);

}  // namespace
}  // namespace migbench
