#include "harness/environment/runc.hpp"

#include <csignal>
#include <cstdlib>
#include <fstream>

#include <fmt/format.h>
#include <unistd.h>

#include "bench/document.hpp"
#include "bench/error.hpp"
#include "harness/migration/criu/report.hpp"
#include "harness/migration/criu_supply.hpp"
#include "harness/programs.hpp"

namespace migbench {
namespace {

namespace fs = std::filesystem;

constexpr Nanoseconds kDeadline = std::chrono::seconds(30);
constexpr const char* kGroups = "/sys/fs/cgroup";
/// Of this program's groups; the number of the process that made one follows.
constexpr std::string_view kGroupPrefix = "migbench-runc-";

/// CRIU's options that runc has no words for (annotation org.criu.config).
constexpr const char* kCriuOptions = "network-lock nftables\nlink-remap\nskip-in-flight\n";

/// runc's streams are files: of pipes it would ask CRIU to join them at the restore.
constexpr const char* kFront = R"(log=$1
shift
"$@" </dev/null >"$log" 2>&1 || { status=$?; cat "$log" >&2; exit $status; }
)";

/// Process 1 opens its streams inside the container: CRIU knows no file of another mount namespace.
constexpr const char* kInit = "exec </dev/null >/dev/null 2>&1; exec \"$0\"";

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
            {"args", {"/bin/sh", "-c", kInit, (site / "container-init").string()}},
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

/// Where the hierarchy of these controllers ("cpu,cpuacct", "name=systemd"; empty: version 2) is
/// mounted; empty where it is not.
fs::path hierarchy_of(const std::string& controllers) {
  const std::string first = controllers.substr(0, controllers.find(','));
  std::ifstream mounts("/proc/self/mounts");
  std::string device, path, type, options, rest;
  while (mounts >> device >> path >> type >> options && std::getline(mounts, rest)) {
    if (controllers.empty() ? type == "cgroup2"
                            : type == "cgroup" && (',' + options + ',').find(',' + first + ',') !=
                                                      std::string::npos)
      return path;
  }
  return {};
}

/// Groups of programs that were killed. The kernel refuses to remove what is in use.
void sweep_groups() {
  std::error_code ignored;
  for (const auto& hierarchy : fs::directory_iterator(kGroups, ignored)) {
    for (const auto& group : fs::directory_iterator(hierarchy.path(), ignored)) {
      const std::string name = group.path().filename().string();
      if (name.rfind(kGroupPrefix, 0) != 0) continue;
      const auto maker = std::strtol(name.c_str() + kGroupPrefix.size(), nullptr, 10);
      if (maker > 0 && ::kill(static_cast<pid_t>(maker), 0) != 0) ::rmdir(group.path().c_str());
    }
  }
}

class RuncEnvironment : public Environment {
 public:
  [[nodiscard]] std::string_view name() const override { return "runc"; }
  [[nodiscard]] std::string_view summary() const override {
    return "a container like `container`, made by the OCI runtime runc";
  }
  [[nodiscard]] Support check(const Site* site) const override {
    if (site != nullptr && as_local(site) == nullptr) {
      return Unsupported{.reason = "containers of runc are made on virtual nodes only",
                         .remedy = "use a site of the kind \"local\""};
    }
    return check_runc();
  }
  [[nodiscard]] std::unique_ptr<Instance> bring_up(Site& site,
                                                   const InstanceRequest& request) const override {
    LocalSite* local = as_local(&site);
    LocalNode* node = as_local(request.node);
    if (local == nullptr || node == nullptr)
      throw Error("runc: the site is not local, see check()");
    return std::make_unique<RuncInstance>(*local, *node, request.name);
  }
};

}  // namespace

Support check_runc() {
  if (look_for_program("runc").empty()) {
    return Unsupported{.reason = "runc is not in PATH",
                       .remedy = "apt-get install runc (scripts/setup.sh packages-criu)"};
  }
  sweep_groups();
  return criu_supply().why;
}

RuncBundle::RuncBundle(const ContainerShell& shell, const std::string& group, const fs::path& site)
    : node_(shell.node()),
      name_(shell.plan().name),
      directory_(fs::path("/run/migbench-runc") / name_) {
  const fs::path here = node_.path_from_here(directory_);
  fs::create_directories(here);
  write_text(here / "criu.conf", kCriuOptions);
  write_json(here / "config.json", configuration(shell, group, site, directory_));
}

RuncBundle::~RuncBundle() {
  try {
    (void)runc({"delete", "--force", name_}, kDeadline);
    fs::remove_all(node_.path_from_here(directory_));
  } catch (const std::exception& error) {
    fmt::print(stderr, "migbench: {}\n", error.what());  // it goes with the node
  }
}

Finished RuncBundle::runc(std::vector<std::string> words, Nanoseconds deadline) const {
  std::vector<std::string> argv{"sh",
                                "-c",
                                kFront,
                                "sh",
                                (directory_ / "runc.log").string(),
                                "runc",
                                "--root",
                                (directory_ / "state").string(),
                                "--criu",
                                criu_supply().program.string()};
  argv.insert(argv.end(), words.begin(), words.end());
  return node_.run({.argv = std::move(argv), .env = {}, .directory = "/"}, deadline);
}

pid_t RuncBundle::read_pid() const {
  pid_t pid = 0;
  std::ifstream(node_.path_from_here(directory_ / "pid")) >> pid;
  if (pid <= 0) throw Error(fmt::format("runc on {} wrote no process number", node_.name()));
  return pid;
}

pid_t RuncBundle::run() {
  const Finished finished = runc({"run", "--detach", "--bundle", directory_.string(), "--pid-file",
                                  (directory_ / "pid").string(), name_},
                                 kDeadline);
  if (!finished.ok()) throw Error(fmt::format("runc run: {}", describe(finished)));
  return read_pid();
}

void RuncBundle::checkpoint(const fs::path& images, Nanoseconds deadline) {
  const Finished finished = runc({"checkpoint", "--image-path", images.string(), "--work-path",
                                  directory_.string(), "--tcp-established", "--file-locks", name_},
                                 deadline);
  if (!finished.ok())
    throw Error(fmt::format("runc checkpoint: {} ({})", describe(finished),
                            criu::log_errors(node_.path_from_here(directory_ / "dump.log"))));
}

pid_t RuncBundle::restore(const fs::path& images, Nanoseconds deadline) {
  const Finished finished =
      runc({"restore", "--detach", "--bundle", directory_.string(), "--image-path", images.string(),
            "--work-path", directory_.string(), "--tcp-established", "--file-locks", "--pid-file",
            (directory_ / "pid").string(), name_},
           deadline);
  if (!finished.ok())
    throw Error(fmt::format("runc restore: {} ({})", describe(finished),
                            criu::log_errors(node_.path_from_here(directory_ / "restore.log"))));
  return read_pid();
}

RuncInstance::RuncInstance(LocalSite& site, LocalNode& node, const std::string& name)
    : ContainerInstance(site, node, name, Empty{}),
      group_(fmt::format("{}{}-{}-{}", kGroupPrefix, ::getpid(),
                         site.directory().filename().string(), name)),
      bundle_(prepare_bundle(shell())) {
  begin(bundle_->run());
}

std::unique_ptr<RuncBundle> RuncInstance::prepare_bundle(const ContainerShell& shell) const {
  return std::make_unique<RuncBundle>(shell, group_, site().directory());
}

std::unique_ptr<ContainerShell> RuncInstance::adopt_by(std::unique_ptr<ContainerShell> twin,
                                                       std::unique_ptr<RuncBundle>& bundle,
                                                       pid_t init) {
  std::swap(bundle_, bundle);
  return adopt(std::move(twin), init);
}

/// All that process 1 is in, of every hierarchy: CRIU restores a tree in groups that have one root.
std::string RuncInstance::groups() const {
  std::ifstream lines(
      shell().node().path_from_here(fmt::format("/proc/{}/cgroup", shell().init())));
  std::string all;
  for (std::string line; std::getline(lines, line);) {  // "4:memory:/path", "0::/path"
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const fs::path root = hierarchy_of(controllers);
    if (root.empty()) continue;
    all += fmt::format("{}{}", all.empty() ? "" : ":", root.string() + line.substr(second + 1));
  }
  return all;
}

nlohmann::json RuncInstance::facts() const {
  nlohmann::json facts = ContainerInstance::facts();
  facts["environment"] = "runc";
  facts["cgroup"] = groups();
  const Finished version =
      node().run({.argv = {"runc", "--version"}, .env = {}, .directory = "/"}, kDeadline);
  facts["runc"] = version.out.substr(0, version.out.find('\n'));
  facts["criu"] = {{"program", criu_supply().program.string()}, {"version", criu_supply().version}};
  return facts;
}

MIGBENCH_REGISTER(Environment, RuncEnvironment);

}  // namespace migbench
