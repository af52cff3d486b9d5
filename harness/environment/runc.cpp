// The environment `runc`: a container of the same shape as `container`, made by an OCI runtime
// (opencontainers/runtime-spec 1.0, runc(8)).
#include "harness/environment/runc.hpp"

#include <fstream>

#include <fmt/format.h>

#include "bench/document.hpp"
#include "bench/error.hpp"
#include "harness/migration/criu_supply.hpp"
#include "harness/programs.hpp"

namespace migbench {
namespace {

namespace fs = std::filesystem;

constexpr Nanoseconds kRuncDeadline = std::chrono::seconds(30);

/// CRIU's options that runc has no words for (annotation org.criu.config).
constexpr const char* kCriuOptions = "network-lock nftables\nlink-remap\nskip-in-flight\n";

/// Process 1 opens its streams inside the container: CRIU knows no file of another mount namespace.
constexpr const char* kRuncInit = "exec </dev/null >/dev/null 2>&1; exec \"$0\"";

/// What an ordinary OCI container may (the list that most runtimes begin with).
const nlohmann::json& capabilities() {
  static const nlohmann::json list = {"CAP_CHOWN",   "CAP_DAC_OVERRIDE", "CAP_FOWNER",
                                      "CAP_FSETID",  "CAP_KILL",         "CAP_SETGID",
                                      "CAP_SETUID",  "CAP_SETPCAP",      "CAP_NET_BIND_SERVICE",
                                      "CAP_NET_RAW", "CAP_SYS_CHROOT"};
  return list;
}

nlohmann::json mounts(const ContainerPlan& plan) {
  nlohmann::json list = nlohmann::json::array();
  list.push_back({{"destination", "/proc"}, {"type", "proc"}, {"source", "proc"}});
  for (const ExternalMount& mount : external_mounts(plan)) {
    // "bind", not "rbind": what lies below would be mounts that CRIU is not told of.
    list.push_back({{"destination", mount.inside.string()},
                    {"type", "bind"},
                    {"source", mount.outside.string()},
                    {"options", {"bind", mount.read_only ? "ro" : "rw"}}});
  }
  return list;
}

nlohmann::json configuration(const ContainerShell& shell, const std::string& group,
                             const fs::path& site, const fs::path& bundle) {
  const auto& may = capabilities();
  return {{"ociVersion", "1.0.2"},
          {"hostname", shell.plan().name},
          {"root", {{"path", shell.root().string()}, {"readonly", false}}},
          {"mounts", mounts(shell.plan())},
          {"annotations", {{"org.criu.config", (bundle / "criu.conf").string()}}},
          {"process",
           {{"terminal", false},
            {"user", {{"uid", 0}, {"gid", 0}}},
            {"cwd", "/"},
            {"args", {"/bin/sh", "-c", kRuncInit, (site / "container-init").string()}},
            {"env", {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}},
            {"capabilities", {{"bounding", may}, {"effective", may}, {"permitted", may}}}}},
          {"linux",
           {{"cgroupsPath", "/" + group},
            {"namespaces",
             {{{"type", "mount"}},
              {{"type", "uts"}},
              {{"type", "ipc"}},
              {{"type", "pid"}},
              // By its path: it is made before, and not CRIU's to restore.
              {{"type", "network"}, {"path", shell.network_path().string()}}}}}}};
}

class RuncBundle : public RuntimeBundle {
 public:
  RuncBundle(const ContainerShell& shell, const std::string& group, const fs::path& site)
      : RuntimeBundle(shell, fs::path("/run/migbench-runc") / shell.plan().name),
        name_(shell.plan().name) {
    write("criu.conf", kCriuOptions);
    write("config.json", configuration(shell, group, site, directory()).dump());
  }
  ~RuncBundle() override {
    try {
      (void)runc({"delete", "--force", name_}, kRuncDeadline);
    } catch (const std::exception& error) {
      fmt::print(stderr, "migbench: {}\n", error.what());  // it goes with the node
    }
  }

  [[nodiscard]] pid_t run() override {
    need(
        runc({"run", "--detach", "--bundle", directory().string(), "--pid-file", pid_file(), name_},
             kRuncDeadline),
        "runc run", directory() / "none");
    return read_pid();
  }

  void checkpoint(const fs::path& images, Nanoseconds deadline) override {
    need(runc({"checkpoint", "--image-path", images.string(), "--work-path", directory().string(),
               "--tcp-established", "--file-locks", name_},
              deadline),
         "runc checkpoint", directory() / "dump.log");
  }

  [[nodiscard]] pid_t restore(const fs::path& images, Nanoseconds deadline) override {
    need(runc({"restore", "--detach", "--bundle", directory().string(), "--image-path",
               images.string(), "--work-path", directory().string(), "--tcp-established",
               "--file-locks", "--pid-file", pid_file(), name_},
              deadline),
         "runc restore", directory() / "restore.log");
    return read_pid();
  }

 private:
  [[nodiscard]] Finished runc(const std::vector<std::string>& words, Nanoseconds deadline) const {
    std::vector<std::string> argv{"runc", "--root", (directory() / "state").string(), "--criu",
                                  criu_supply().program.string()};
    argv.insert(argv.end(), words.begin(), words.end());
    return call(std::move(argv), deadline);
  }
  [[nodiscard]] std::string pid_file() const { return (directory() / "pid").string(); }
  [[nodiscard]] pid_t read_pid() const {
    pid_t pid = 0;
    std::ifstream(node().path_from_here(pid_file())) >> pid;
    if (pid <= 0) throw Error(fmt::format("runc on {} wrote no process number", node().name()));
    return pid;
  }

  std::string name_;
};

class Runc : public ContainerRuntime {
 public:
  [[nodiscard]] std::string_view name() const override { return "runc"; }
  [[nodiscard]] Support check() const override {
    if (!look_for_program("runc").empty()) return std::nullopt;
    return Unsupported{.reason = "runc is not in PATH",
                       .remedy = "apt-get install runc (scripts/setup.sh packages-criu)"};
  }
  [[nodiscard]] std::unique_ptr<RuntimeBundle> prepare(const ContainerShell& shell,
                                                       const std::string& group,
                                                       const fs::path& site) const override {
    return std::make_unique<RuncBundle>(shell, group, site);
  }
  [[nodiscard]] std::vector<std::string> version_command() const override {
    return {"runc", "--version"};
  }
};

class RuncEnvironment : public Environment {
 public:
  [[nodiscard]] std::string_view name() const override { return "runc"; }
  [[nodiscard]] std::string_view summary() const override {
    return "a container like `container`, made by the OCI runtime runc";
  }
  [[nodiscard]] Support check(const Site* site) const override {
    return check_runtime(runc_runtime(), site);
  }
  [[nodiscard]] std::unique_ptr<Instance> bring_up(Site& site,
                                                   const InstanceRequest& request) const override {
    return make_runtime_instance(runc_runtime(), site, request);
  }
};

MIGBENCH_REGISTER(Environment, RuncEnvironment);

}  // namespace

const ContainerRuntime& runc_runtime() {
  static const Runc runtime;
  return runtime;
}

}  // namespace migbench
