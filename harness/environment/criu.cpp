#include "harness/environment/criu.hpp"

#include <cstdlib>

#include <fmt/format.h>

#include "bench/error.hpp"
#include "harness/migration/criu_supply.hpp"
#include "harness/programs.hpp"
#include "harness/site/nodes/layout.hpp"
#include "harness/site/nodes/netlink.hpp"
#include "harness/site/nodes/place_table.hpp"

namespace migbench {
namespace {

constexpr Nanoseconds kCriuDeadline = std::chrono::seconds(20);

constexpr int kWhole = 32;

/// The moving address's name for the site; the instance's own is no host.
std::string host_of_address(const std::string& instance) {
  return instance + "-service";
}

class Criu : public Environment {
 public:
  [[nodiscard]] std::string_view name() const override { return "criu"; }
  [[nodiscard]] std::string_view summary() const override {
    return "on the node itself, as processes that CRIU can move";
  }
  [[nodiscard]] Support check(const Site* site) const override {
    if (site != nullptr && as_local(site) == nullptr) {
      return Unsupported{.reason = "processes are prepared for CRIU on virtual nodes only",
                         .remedy = "use a site of the kind \"local\""};
    }
    return criu_supply().why;
  }
  [[nodiscard]] std::unique_ptr<Instance> bring_up(Site& site,
                                                   const InstanceRequest& request) const override {
    LocalSite* local = as_local(&site);
    LocalNode* node = as_local(request.node);
    if (local == nullptr || node == nullptr)
      throw Error("criu: the site is not local, see check()");
    return std::make_unique<CriuInstance>(*local, *node, request.name);
  }
};

}  // namespace

CriuInstance::CriuInstance(LocalSite& site, LocalNode& node, std::string name)
    : site_(site), node_(&node), name_(std::move(name)) {
  check_host_name(name_);
  const std::string init = (site_.directory() / "container-init").string();
  const Finished finished =
      node.run({.argv = {find_program("migbench-criu-holder").string(), name_, init},
                .env = {},
                .directory = "/"},
               kCriuDeadline);
  if (!finished.ok()) throw Error(fmt::format("criu on {}: {}", node.name(), describe(finished)));
  root_ = static_cast<pid_t>(std::strtol(finished.out.c_str(), nullptr, 10));
  publish();
}

CriuInstance::~CriuInstance() {
  remove_place(site_.directory(), name_);
  kill_all();
  if (!moving_address_.empty()) give_back_address();
}

std::string CriuInstance::service_address() {
  if (moving_address_.empty()) {
    moving_address_ = site_.take_address(host_of_address(name_));
    const int network = node_->network_namespace();
    Netlink net(network);
    net.add_address(kNodeLink, moving_address_, kWhole);
    // Whoever had this address before may be known to others still.
    ArpAnnouncer(network, kNodeLink, net.mac(kNodeLink), moving_address_).announce();
  }
  return moving_address_;
}

void CriuInstance::give_back_address() noexcept {
  try {
    Netlink(node_->network_namespace()).remove_address(kNodeLink, moving_address_, kWhole);
    site_.give_back_address(host_of_address(name_), moving_address_);
  } catch (const std::exception& error) {
    fmt::print(stderr, "migbench: {}\n", error.what());  // it goes with the node
  }
}

void CriuInstance::kill_all() const noexcept {
  try {
    (void)node_->run(
        {.argv = {"kill", "-KILL", std::to_string(root_)}, .env = {}, .directory = "/"},
        kCriuDeadline);
  } catch (const std::exception& error) {
    // What stays goes with the node.
    fmt::print(stderr, "migbench: {}\n", error.what());
  }
}

void CriuInstance::publish() const {
  write_place(site_.directory(),
              {.name = name_,
               .address = node_->address(),
               .socket = (site_.directory() / (node_->name() + ".sock")).string(),
               .init = std::to_string(root_),
               .cgroup = {}});
}

void CriuInstance::adopt(LocalNode& node, pid_t root) {
  node_ = &node;
  root_ = root;
  publish();
}

nlohmann::json CriuInstance::facts() const {
  nlohmann::json facts = node_->facts();
  facts["name"] = name_;
  facts["environment"] = "criu";
  facts["node"] = node_->name();
  facts["namespaces"] = {"pid", "uts"};
  facts["criu"] = {{"program", criu_supply().program.string()}, {"version", criu_supply().version}};
  return facts;
}

MIGBENCH_REGISTER(Environment, Criu);

}  // namespace migbench
