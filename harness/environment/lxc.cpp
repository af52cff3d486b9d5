// The environment `lxc`: a container of the same shape as `container`, made by LXC
// (lxc.container.conf(5), lxc-start(1), lxc-checkpoint(1)).
#include "harness/environment/lxc.hpp"

#include <cstdlib>

#include <fmt/format.h>

#include "bench/document.hpp"
#include "bench/error.hpp"
#include "harness/migration/criu_supply.hpp"
#include "harness/programs.hpp"

namespace migbench {
namespace {

namespace fs = std::filesystem;

constexpr Nanoseconds kLxcDeadline = std::chrono::seconds(30);

/// The criu that LXC finds in PATH. LXC has no words for the way in which connections are locked.
/// And where version 2 of the control groups is mounted without controllers beside version 1,
/// LXC 5.0.2 writes "-v4" over "--cgroup-root" and leaves that group's path as a word of its own.
constexpr const char* kCriu = R"(#!/bin/sh
before=
for word; do
  shift
  case $before:$word in -v4:/*) ;; *) set -- "$@" "$word" ;; esac
  before=$word
done
case $1 in dump | restore) set -- "$@" --network-lock nftables ;; esac
exec '{}' "$@"
)";

/// Process 1 opens its streams inside the container: CRIU knows no file of another mount namespace.
constexpr const char* kLxcInit = "#!/bin/sh\nexec </dev/null >/dev/null 2>&1\nexec '{}'\n";

/// In the site's directory, which is at the same path in every container, and goes with the site.
fs::path init_of(const fs::path& site) {
  return site / "lxc-init";
}

/// Of one container on one node.
std::string payload_of(const ContainerShell& shell, const std::string& group) {
  return fmt::format("{}-{}", group, shell.node().name());
}

std::string configuration(const ContainerShell& shell, const std::string& group,
                          const fs::path& site) {
  // No apparmor line: LXC would ask CRIU for a profile, and CRIU refuses where the kernel has none.
  std::string text = fmt::format(
      "lxc.uts.name = {}\n"
      "lxc.rootfs.path = dir:{}\n"
      "lxc.rootfs.options = ro\n"
      // The network that lxc-start runs in; CRIU lets one alone that is its own.
      "lxc.net.0.type = none\n"
      "lxc.tty.max = 0\n"
      "lxc.console.path = none\n"
      "lxc.autodev = 0\n"
      "lxc.init.cmd = {}\n"
      "lxc.cgroup.dir.container = {}/{}\n"
      "lxc.cgroup.dir.monitor = {}/monitor\n"
      "lxc.cgroup.dir.monitor.pivot = {}/pivot\n"
      "lxc.mount.entry = proc proc proc nosuid,nodev,noexec 0 0\n",
      shell.plan().name, shell.root().string(), init_of(site).string(), group,
      payload_of(shell, group), group, group);
  for (const ExternalMount& mount : external_mounts(shell.plan())) {
    text += fmt::format("lxc.mount.entry = {} {} none bind{} 0 0\n", mount.outside.string(),
                        mount.inside.relative_path().string(), mount.read_only ? ",ro" : "");
  }
  return text;
}

class LxcBundle : public RuntimeBundle {
 public:
  LxcBundle(const ContainerShell& shell, const std::string& group, const fs::path& site)
      : RuntimeBundle(shell, fs::path("/run/migbench-lxc") / shell.plan().name),
        name_(shell.plan().name),
        network_(shell.network_path()),
        payload_(payload_of(shell, group)) {
    fs::create_directory(node().path_from_here(directory() / name_));
    fs::create_directory(node().path_from_here(directory() / "bin"));
    write_text(init_of(site), fmt::format(kLxcInit, (site / "container-init").string()));
    fs::permissions(init_of(site), fs::perms::owner_all);
    write("bin/criu", fmt::format(kCriu, criu_supply().program.string()));
    fs::permissions(node().path_from_here(directory() / "bin/criu"), fs::perms::owner_all);
    write((name_ + "/config").c_str(), configuration(shell, group, site));
  }
  ~LxcBundle() override {
    try {
      (void)lxc("lxc-stop", {"--kill"}, kLxcDeadline);
    } catch (const std::exception& error) {
      fmt::print(stderr, "migbench: {}\n", error.what());  // it goes with the node
    }
  }

  [[nodiscard]] pid_t run() override {
    need(lxc("lxc-start", {"--daemon"}, kLxcDeadline), "lxc-start", directory() / "none");
    return read_pid();
  }

  void checkpoint(const fs::path& images, Nanoseconds deadline) override {
    fs::create_directories(node().path_from_here(images));
    need(lxc("lxc-checkpoint", {"--stop", "--verbose", "--checkpoint-dir", images.string()},
             deadline),
         "lxc-checkpoint", images / "dump.log");
  }

  [[nodiscard]] pid_t restore(const fs::path& images, Nanoseconds deadline) override {
    // Left by a monitor that has not ended yet, or by CRIU, which restores groups that LXC did not
    // name to it as they were. LXC makes its own only where there is none.
    remove_groups(payload_);
    need(lxc("lxc-checkpoint",
             {"--restore", "--daemon", "--verbose", "--checkpoint-dir", images.string()}, deadline),
         "lxc-checkpoint --restore", images / "restore.log");
    return read_pid();
  }

 private:
  [[nodiscard]] Finished lxc(const char* program, const std::vector<std::string>& words,
                             Nanoseconds deadline) const {
    const char* path = std::getenv("PATH");
    std::vector<std::string> argv{
        "nsenter",
        "--net=" + network_.string(),
        "env",
        fmt::format("PATH={}:{}", (directory() / "bin").string(), path == nullptr ? "" : path),
        program,
        "--lxcpath",
        directory().string(),
        "--name",
        name_,
        "--logpriority",
        "ERROR"};
    argv.insert(argv.end(), words.begin(), words.end());
    return call(std::move(argv), deadline);
  }

  [[nodiscard]] pid_t read_pid() const {
    const Finished said = lxc("lxc-info", {"--pid", "--no-humanize"}, kLxcDeadline);
    const auto pid = static_cast<pid_t>(std::strtol(said.out.c_str(), nullptr, 10));
    if (!said.ok() || pid <= 0)
      throw Error(
          fmt::format("lxc-info on {} told no process number: {}", node().name(), said.out));
    return pid;
  }

  std::string name_;
  fs::path network_;
  std::string payload_;
};

class Lxc : public ContainerRuntime {
 public:
  [[nodiscard]] std::string_view name() const override { return "lxc"; }
  [[nodiscard]] Support check() const override {
    for (const char* program : {"lxc-start", "lxc-checkpoint", "lxc-info", "lxc-stop"}) {
      if (look_for_program(program).empty()) {
        return Unsupported{.reason = fmt::format("{} is not in PATH", program),
                           .remedy = "apt-get install lxc (scripts/setup.sh packages-criu)"};
      }
    }
    return std::nullopt;
  }
  [[nodiscard]] std::unique_ptr<RuntimeBundle> prepare(const ContainerShell& shell,
                                                       const std::string& group,
                                                       const fs::path& site) const override {
    return std::make_unique<LxcBundle>(shell, group, site);
  }
  [[nodiscard]] std::vector<std::string> version_command() const override {
    return {"lxc-start", "--version"};
  }
};

class LxcEnvironment : public Environment {
 public:
  [[nodiscard]] std::string_view name() const override { return "lxc"; }
  [[nodiscard]] std::string_view summary() const override {
    return "a container like `container`, made by LXC";
  }
  [[nodiscard]] Support check(const Site* site) const override {
    return check_runtime(lxc_runtime(), site);
  }
  [[nodiscard]] std::unique_ptr<Instance> bring_up(Site& site,
                                                   const InstanceRequest& request) const override {
    return make_runtime_instance(lxc_runtime(), site, request);
  }
};

MIGBENCH_REGISTER(Environment, LxcEnvironment);

}  // namespace

const ContainerRuntime& lxc_runtime() {
  static const Lxc runtime;
  return runtime;
}

}  // namespace migbench
