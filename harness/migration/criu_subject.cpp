#include "harness/migration/criu_subject.hpp"

#include <fmt/format.h>

#include "harness/environment/container.hpp"
#include "harness/environment/criu.hpp"

namespace migbench {
namespace {

/// A container and its empty twin.
class MovedContainer : public CriuSubject {
 public:
  MovedContainer(ContainerInstance& container, LocalNode& destination)
      : container_(container), other_(container.prepare_shell(destination)) {}

  void fill_source(criu::AgentSettings& settings) const override {
    const ContainerShell& here = container_.shell();
    fill(settings, here);
    settings.pid = here.init();
    for (const ExternalMount& mount : here.externals())
      settings.external.push_back(fmt::format("mnt[{}]:{}", mount.inside.string(), mount.key));
  }

  void fill_destination(criu::AgentSettings& settings) const override {
    fill(settings, *other_);
    settings.listen = other_->node().address();
    for (const ExternalMount& mount : other_->externals())
      settings.external.push_back(fmt::format("mnt[{}]:{}", mount.key, mount.outside.string()));
    settings.announce = {{"netns", other_->network_path().string()},
                         {"link", kNodeLink},
                         {"mac", container_.mac()},
                         {"address", container_.address()}};
  }

  [[nodiscard]] Command at_source(const Command& command) const override {
    return container_.shell().node().enter(command);
  }
  /// Born in the container's control group, as what it restores is to be.
  [[nodiscard]] Command at_destination(const Command& command) const override {
    return other_->enter_node_in_group(command);
  }
  [[nodiscard]] std::filesystem::path shared() const override { return container_.site().shared(); }
  void adopt(pid_t root) override { other_ = container_.adopt(std::move(other_), root); }

 private:
  void fill(criu::AgentSettings& settings, const ContainerShell& shell) const {
    // The network namespace is not dumped and restored but entered: 30 ms less of a pause.
    settings.namespaces = {shell.network_path().string()};
    settings.root = shell.root().string();
    // The shut port is the lock.
    settings.network_lock = criu::NetworkLock::skip;
    settings.port = container_port(container_.address());
  }

  ContainerInstance& container_;
  std::unique_ptr<ContainerShell> other_;
};

/// A process tree in the node's own network, files and names. What it has below the node's private
/// directories goes with it.
class MovedProcesses : public CriuSubject {
 public:
  MovedProcesses(CriuInstance& instance, LocalNode& destination)
      : instance_(instance), destination_(destination) {}

  void fill_source(criu::AgentSettings& settings) const override {
    fill(settings);
    settings.pid = instance_.root();
    settings.carry = {"/tmp", "/dev/shm"};
  }
  void fill_destination(criu::AgentSettings& settings) const override {
    fill(settings);
    settings.listen = destination_.address();
  }
  [[nodiscard]] Command at_source(const Command& command) const override {
    return instance_.node().enter(command);
  }
  [[nodiscard]] Command at_destination(const Command& command) const override {
    return destination_.enter(command);
  }
  [[nodiscard]] std::filesystem::path shared() const override { return instance_.site().shared(); }
  void adopt(pid_t root) override { instance_.adopt(destination_, root); }

 private:
  void fill(criu::AgentSettings& settings) const {
    settings.address = instance_.moving_address();
    settings.link = kNodeLink;
    // All connections are inside the tree: both ends are frozen.
    settings.network_lock = criu::NetworkLock::skip;
  }

  CriuInstance& instance_;
  LocalNode& destination_;
};

}  // namespace

std::unique_ptr<CriuSubject> criu_subject(const MoveRequest& request) {
  LocalNode* destination = as_local(request.destination);
  if (destination == nullptr) throw Error("criu: the destination is no node of a local site");
  if (auto* container = dynamic_cast<ContainerInstance*>(request.instance))
    return std::make_unique<MovedContainer>(*container, *destination);
  if (auto* processes = dynamic_cast<CriuInstance*>(request.instance))
    return std::make_unique<MovedProcesses>(*processes, *destination);
  throw Error("criu: only instances of 'container' and 'criu' on a local site can be moved");
}

}  // namespace migbench
