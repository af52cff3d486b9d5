#include "harness/environment/container.hpp"

#include <fmt/format.h>

#include "bench/error.hpp"
#include "bench/host_facts.hpp"
#include "harness/site/nodes/place_table.hpp"

namespace migbench {
namespace {

class Container : public Environment {
 public:
  [[nodiscard]] std::string_view name() const override { return "container"; }
  [[nodiscard]] std::string_view summary() const override {
    return "namespaces with an address, files and processes of their own behind a bridge";
  }

  [[nodiscard]] Support check(const Site* site) const override {
    if (site == nullptr) {
      const SiteKind* local = Registry<SiteKind>::instance().find("local");
      if (local != nullptr) return local->check(nlohmann::json::object());
    } else if (as_local(site) != nullptr) {
      return std::nullopt;
    }
    return Unsupported{.reason = "containers are made on virtual nodes only",
                       .remedy = "use a site of the kind \"local\""};
  }

  [[nodiscard]] std::unique_ptr<Instance> bring_up(Site& site,
                                                   const InstanceRequest& request) const override {
    LocalSite* local = as_local(&site);
    LocalNode* node = as_local(request.node);
    if (local == nullptr || node == nullptr)
      throw Error("container: the site is not local, see check()");
    return std::make_unique<ContainerInstance>(*local, *node, request.name);
  }
};

/// Gives the address back should the container not come up.
struct AddressGuard {
  LocalSite& site;
  const std::string& name;
  const std::string& address;
  bool armed = true;
  ~AddressGuard() {
    if (armed) site.give_back_address(name, address);
  }
};

}  // namespace

ContainerInstance::ContainerInstance(LocalSite& site, LocalNode& node, const std::string& name)
    : ContainerInstance(site, node, name, true) {
  publish();
}

ContainerInstance::ContainerInstance(LocalSite& site, LocalNode& node, const std::string& name,
                                     Empty /*empty*/)
    : ContainerInstance(site, node, name, false) {}

ContainerInstance::ContainerInstance(LocalSite& site, LocalNode& node, const std::string& name,
                                     bool started)
    : site_(site), name_(name), address_(site.take_address(name)) {
  AddressGuard guard{site_, name_, address_};
  shell_ = std::make_unique<ContainerShell>(site_, node,
                                            ContainerPlan{.name = name_,
                                                          .address = address_,
                                                          .prefix = site.prefix(),
                                                          .site = site.directory(),
                                                          .visible = site.visible(),
                                                          .cgroup = {},
                                                          .port_up = started},
                                            started);
  shell_->volumes_ = true;
  guard.armed = false;
}

ContainerInstance::~ContainerInstance() {
  remove_place(site_.directory(), name_);
  shell_.reset();
  site_.give_back_address(name_, address_);
}

void ContainerInstance::begin(pid_t init) {
  shell_->init_ = init;
  shell_->set_port(true);
  shell_->announce();
  publish();
}

/// Tells every program of the site where the container is now.
void ContainerInstance::publish() const {
  write_place(site_.directory(),
              {.name = name_,
               .address = address_,
               .socket = (site_.directory() / (shell_->node().name() + ".sock")).string(),
               .init = std::to_string(shell_->init()),
               .cgroup = groups()});
}

Command ContainerInstance::enter(const Command& command) const {
  return site_.enter(name_, command);
}

std::filesystem::path ContainerInstance::path_from_here(const std::filesystem::path& inside) const {
  const std::filesystem::path root = fmt::format("/proc/{}/root", shell_->init());
  return shell_->node().path_from_here(root / inside.relative_path());
}

void ContainerInstance::copy_to(const std::filesystem::path& here,
                                const std::filesystem::path& there) const {
  copy_unless_same(here, path_from_here(std::filesystem::absolute(there)));
}

void ContainerInstance::copy_from(const std::filesystem::path& there,
                                  const std::filesystem::path& here) const {
  copy_unless_same(path_from_here(std::filesystem::absolute(there)), here);
}

nlohmann::json ContainerInstance::facts() const {
  nlohmann::json host = host_facts();  // the same machine under another name
  host["hostname"] = name_;
  return {{"name", name_},
          {"environment", "container"},
          {"address", address_},
          {"mac", mac()},
          {"node", shell_->node().name()},
          {"namespaces", {"mnt", "net", "uts", "ipc", "pid"}},
          {"root", "the machine's, read-only"},
          {"volumes", "shared tmpfs"},
          {"network", "veth to the node's bridge, veth to the head's bridge"},
          {"cgroup", shell_->cgroup().string()},
          {"host", host}};
}

std::unique_ptr<ContainerShell> ContainerInstance::prepare_shell(LocalNode& destination) const {
  if (&destination == &shell_->node())
    throw InputError(fmt::format("container {} is on {} already", name_, destination.name()));
  return std::make_unique<ContainerShell>(site_, destination, shell_->plan(), false);
}

std::unique_ptr<ContainerShell> ContainerInstance::adopt(std::unique_ptr<ContainerShell> twin,
                                                         pid_t init) {
  twin->init_ = init;
  twin->volumes_ = true;
  shell_->volumes_ = false;
  std::swap(shell_, twin);
  publish();
  return twin;
}

MIGBENCH_REGISTER(Environment, Container);

}  // namespace migbench
