#include "harness/environment/runtime.hpp"

#include <csignal>
#include <cstdlib>
#include <fstream>

#include <fmt/format.h>
#include <unistd.h>

#include "bench/document.hpp"
#include "bench/error.hpp"
#include "harness/migration/criu/report.hpp"
#include "harness/migration/criu_supply.hpp"
#include "harness/site/nodes/cgroup.hpp"

namespace migbench {
namespace {

namespace fs = std::filesystem;

constexpr Nanoseconds kRuntimeDeadline = std::chrono::seconds(30);
constexpr const char* kGroups = "/sys/fs/cgroup";
/// Of this program's groups; the number of the process that made one follows.
constexpr std::string_view kGroupPrefix = "migbench-runtime-";

constexpr const char* kRuntimeFront = R"(log=$1
shift
"$@" </dev/null >"$log" 2>&1
status=$?
cat "$log"
exit $status
)";

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

/// Removes the groups of which `gone` holds. The kernel keeps what is in use.
template <class Gone>
void remove_groups_if(const Gone& gone) {
  std::error_code ignored;
  std::vector<fs::path> found;
  // Anywhere: LXC makes them below the group in which it was started.
  for (fs::recursive_directory_iterator entry(kGroups, ignored), end; entry != end && !ignored;
       entry.increment(ignored)) {
    const std::string name = entry->path().filename().string();
    if (!gone(name)) continue;
    entry.disable_recursion_pending();
    found.push_back(entry->path());
  }
  for (const fs::path& group : found)
    (void)remove_cgroup(group, std::chrono::seconds(1));
}

/// Groups of programs that were killed.
void sweep_groups() {
  remove_groups_if([](const std::string& name) {
    if (name.rfind(kGroupPrefix, 0) != 0) return false;
    const auto maker = std::strtol(name.c_str() + kGroupPrefix.size(), nullptr, 10);
    return maker > 0 && ::kill(static_cast<pid_t>(maker), 0) != 0;
  });
}

}  // namespace

RuntimeBundle::RuntimeBundle(const ContainerShell& shell, fs::path directory)
    : node_(shell.node()), directory_(std::move(directory)) {
  fs::create_directories(node_.path_from_here(directory_));
}

RuntimeBundle::~RuntimeBundle() {
  std::error_code ignored;
  fs::remove_all(node_.path_from_here(directory_), ignored);
}

Finished RuntimeBundle::call(std::vector<std::string> argv, Nanoseconds deadline) const {
  std::vector<std::string> words{"sh", "-c", kRuntimeFront, "sh",
                                 (directory_ / "said.log").string()};
  words.insert(words.end(), argv.begin(), argv.end());
  return node_.run({.argv = std::move(words), .env = {}, .directory = "/"}, deadline);
}

void RuntimeBundle::need(const Finished& finished, const char* what, const fs::path& log) const {
  if (finished.ok()) return;
  throw Error(fmt::format("{} on {}: {}: {} ({})", what, node_.name(), describe(finished),
                          finished.out, criu::log_errors(node_.path_from_here(log))));
}

void RuntimeBundle::write(const char* file, const std::string& text) const {
  write_text(node_.path_from_here(directory_ / file), text);
}

void remove_groups(const std::string& name) {
  remove_groups_if([&name](const std::string& found) { return found == name; });
}

RuntimeGroups::~RuntimeGroups() {
  remove_groups(name);
}

RuntimeInstance::RuntimeInstance(const ContainerRuntime& runtime, LocalSite& site, LocalNode& node,
                                 const std::string& name)
    : ContainerInstance(site, node, name, Empty{}),
      runtime_(runtime),
      group_(fmt::format("{}{}-{}-{}", kGroupPrefix, ::getpid(),
                         site.directory().filename().string(), name)),
      bundle_(prepare_bundle(shell())) {
  begin(bundle_->run());
}

std::unique_ptr<RuntimeBundle> RuntimeInstance::prepare_bundle(const ContainerShell& shell) const {
  return runtime_.prepare(shell, group_.name, site().directory());
}

std::unique_ptr<ContainerShell> RuntimeInstance::adopt_by(std::unique_ptr<ContainerShell> twin,
                                                          std::unique_ptr<RuntimeBundle>& bundle,
                                                          pid_t init) {
  std::swap(bundle_, bundle);
  return adopt(std::move(twin), init);
}

/// All that process 1 is in, of every hierarchy: CRIU restores a tree in groups that have one root.
std::string RuntimeInstance::groups() const {
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

nlohmann::json RuntimeInstance::facts() const {
  nlohmann::json facts = ContainerInstance::facts();
  facts["environment"] = runtime_.name();
  facts["cgroup"] = groups();
  const Finished version = node().run(
      {.argv = runtime_.version_command(), .env = {}, .directory = "/"}, kRuntimeDeadline);
  facts["runtime"] = version.out.substr(0, version.out.find('\n'));
  facts["criu"] = {{"program", criu_supply().program.string()}, {"version", criu_supply().version}};
  return facts;
}

Support check_runtime(const ContainerRuntime& runtime, const Site* site) {
  if (site != nullptr && as_local(site) == nullptr) {
    return Unsupported{
        .reason = fmt::format("containers of {} are made on virtual nodes only", runtime.name()),
        .remedy = "use a site of the kind \"local\""};
  }
  sweep_groups();
  if (auto no = criu_supply().why) return no;
  return runtime.check();
}

std::unique_ptr<Instance> make_runtime_instance(const ContainerRuntime& runtime, Site& site,
                                                const InstanceRequest& request) {
  LocalSite* local = as_local(&site);
  LocalNode* node = as_local(request.node);
  if (local == nullptr || node == nullptr)
    throw Error(fmt::format("{}: the site is not local, see check()", runtime.name()));
  return std::make_unique<RuntimeInstance>(runtime, *local, *node, request.name);
}

}  // namespace migbench
