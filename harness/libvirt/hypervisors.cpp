#include <migbench_have.hpp>
#if MIGBENCH_HAVE_LIBVIRT

#include <csignal>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <unistd.h>

#include "harness/lab/lab_site.hpp"
#include "harness/libvirt/hypervisors.hpp"

namespace migbench::libvirt {

namespace {

/// Field 22 of /proc/PID/stat: a process number may be used again, with its start time it may not.
std::string start_time(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string text;
  std::getline(file, text);
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos) return "";
  std::istringstream fields(text.substr(name_end + 1));
  std::string field;
  for (int number = 3; number <= 22; ++number)
    fields >> field;
  return field;
}

std::string host_name() {
  std::string name(256, '\0');
  ::gethostname(name.data(), name.size() - 1);
  return name.c_str();
}

bool maker_is_dead(const std::string& xml) {
  const auto at = xml.find("<description>migbench ");
  if (at == std::string::npos) return false;
  std::istringstream words(xml.substr(at + 22, xml.find('<', at + 1) - at - 22));
  std::string host;
  pid_t pid = 0;
  std::string started;
  words >> host >> pid >> started;
  return host == host_name() && pid > 0 && start_time(pid) != started;
}

}  // namespace

std::string node_uri(const std::string& pattern, const Node& node) {
  std::string uri = pattern.empty() ? "qemu+ssh://root@{address}/system" : pattern;
  for (const auto& [word, value] : {std::pair<std::string, std::string>{"{name}", node.name()},
                                    {"{address}", node.address()}}) {
    for (auto at = uri.find(word); at != std::string::npos; at = uri.find(word, at + value.size()))
      uri.replace(at, word.size(), value);
  }
  if (uri.find('{') != std::string::npos) {
    throw InputError(
        fmt::format("uri '{}': only {{name}} and {{address}} are replaced in it", pattern));
  }
  return uri;
}

std::string owner_mark() {
  return fmt::format("migbench {} {} {}", host_name(), ::getpid(), start_time(::getpid()));
}

std::vector<std::string> sweep_orphans(const Connection& connection) {
  std::vector<std::string> ended;
  for (Domain& domain : connection.active_domains()) {
    if (!maker_is_dead(domain.xml())) continue;
    ended.push_back(domain.name());
    domain.destroy();
  }
  return ended;
}

std::shared_ptr<Hypervisors> Hypervisors::of(Site& site) {
  static std::mutex mutex;
  static std::map<Site*, std::weak_ptr<Hypervisors>> all;
  const std::lock_guard lock(mutex);
  std::weak_ptr<Hypervisors>& known = all[&site];
  if (auto existing = known.lock()) return existing;
  auto made = std::make_shared<Hypervisors>(site);
  known = made;
  if (auto* emulated = lab::as_lab(&site)) emulated->keep(made);
  return made;
}

const Host* Hypervisors::known(const Node& node) {
  Slot* slot = nullptr;
  {
    const std::lock_guard lock(mutex_);
    const auto found = hosts_.find(&node);
    if (found == hosts_.end()) return nullptr;
    slot = &found->second;
  }
  const std::lock_guard lock(slot->mutex);
  return slot->host.connection ? &slot->host : nullptr;
}

Host& Hypervisors::at(Node& node, const std::string& uri_pattern, const std::string& libvirt) {
  if (!libvirt.empty() && site_.kind() != "local") {
    throw InputError(fmt::format(
        "parameter 'libvirt': {} is of virtual nodes; on other sites 'uri' says whose it is",
        libvirt));
  }
  Slot& slot = [&]() -> Slot& {
    const std::lock_guard lock(mutex_);
    return hosts_[&node];
  }();
  const std::lock_guard lock(slot.mutex);
  Host& host = slot.host;
  const bool usable =
      host.connection && host.connection->alive() && (!host.daemon || host.daemon->running());
  if (usable && host.libvirt != libvirt) {
    throw InputError(
        fmt::format("parameter 'libvirt': {} runs another already, of another machine of this "
                    "trial: give them the same",
                    node.name()));
  }
  if (usable) return host;
  host.node = &node;
  host.libvirt = libvirt;
  host.connection.reset();
  host.daemon.reset();
  if (site_.kind() == "local") {
    host.daemon = std::make_unique<Daemon>(node, site_.scratch() / "libvirt" / node.name(), "",
                                           libvirt_prefix(libvirt));
    host.uri = host.daemon->uri();
    host.peer_uri = host.daemon->peer_uri();
  } else if (const auto* machine = lab::as_lab(&node)) {
    host.daemon = std::make_unique<Daemon>(node, site_.scratch() / "libvirt" / node.name(),
                                           machine->libvirt_uri());
    host.uri = host.daemon->uri();
    host.peer_uri = host.daemon->peer_uri();
  } else {
    host.uri = host.peer_uri = node_uri(uri_pattern, node);
  }
  try {
    host.connection = std::make_shared<Connection>(host.uri);
  } catch (const Error& failed) {
    if (!host.daemon) throw;
    throw Error(fmt::format("{}; it said: {}", failed.what(), host.daemon->last_words()));
  }
  if (!host.daemon) sweep_orphans(*host.connection);
  return host;
}

}  // namespace migbench::libvirt

#endif
