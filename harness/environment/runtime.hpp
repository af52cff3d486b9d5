// Containers of the shape of `container` that are made, kept and moved by a container runtime
// (runc, LXC) instead of by this program.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "harness/environment/container.hpp"

namespace migbench {

/// A runtime's view of one container on one node, in a shell that was made for it: configuration,
/// state, control groups. All of it goes with the object.
class RuntimeBundle {
 public:
  /// `directory`: its own, on the node; made here, removed at its end.
  RuntimeBundle(const ContainerShell& shell, std::filesystem::path directory);
  virtual ~RuntimeBundle();
  RuntimeBundle(const RuntimeBundle&) = delete;
  RuntimeBundle& operator=(const RuntimeBundle&) = delete;

  /// Starts the container. Returns its process 1 as the node sees it. Throws Error.
  [[nodiscard]] virtual pid_t run() = 0;
  /// Dumps it to `images`, a directory on the node, and ends it. It runs on where that fails:
  /// Error.
  virtual void checkpoint(const std::filesystem::path& images, Nanoseconds deadline) = 0;
  /// The container out of `images`. Returns its process 1. Throws Error.
  [[nodiscard]] virtual pid_t restore(const std::filesystem::path& images,
                                      Nanoseconds deadline) = 0;

 protected:
  /// Runs a command on the node with files as its streams: those of a container must be no pipes.
  /// The result has what it printed.
  [[nodiscard]] Finished call(std::vector<std::string> argv, Nanoseconds deadline) const;
  /// Throws Error with what the command said, and the errors in CRIU's log at that path on the
  /// node.
  void need(const Finished& finished, const char* what, const std::filesystem::path& log) const;
  void write(const char* file, const std::string& text) const;

  [[nodiscard]] const LocalNode& node() const noexcept { return node_; }
  [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_; }

 private:
  const LocalNode& node_;
  std::filesystem::path directory_;
};

/// One runtime: what its environment and its technique need to know of it.
class ContainerRuntime {
 public:
  virtual ~ContainerRuntime() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// The program and a CRIU that works, on this machine.
  [[nodiscard]] virtual Support check() const = 0;
  /// An empty bundle in a shell. `group`: a name for its control groups, below every hierarchy's
  /// root.
  [[nodiscard]] virtual std::unique_ptr<RuntimeBundle> prepare(
      const ContainerShell& shell, const std::string& group,
      const std::filesystem::path& site) const = 0;
  /// A command that prints the version in its first line.
  [[nodiscard]] virtual std::vector<std::string> version_command() const = 0;
};

/// Removes every control group that is called so, with what runs in it.
void remove_groups(const std::string& name);

/// Control groups of this name, in every hierarchy; taken away at its end.
struct RuntimeGroups {
  std::string name;
  explicit RuntimeGroups(std::string of) : name(std::move(of)) {}
  ~RuntimeGroups();
  RuntimeGroups(const RuntimeGroups&) = delete;
  RuntimeGroups& operator=(const RuntimeGroups&) = delete;
};

class RuntimeInstance : public ContainerInstance {
 public:
  RuntimeInstance(const ContainerRuntime& runtime, LocalSite& site, LocalNode& node,
                  const std::string& name);

  [[nodiscard]] nlohmann::json facts() const override;

  [[nodiscard]] const ContainerRuntime& runtime() const noexcept { return runtime_; }
  [[nodiscard]] RuntimeBundle& bundle() const noexcept { return *bundle_; }
  /// An empty bundle in a shell that prepare_shell() made.
  [[nodiscard]] std::unique_ptr<RuntimeBundle> prepare_bundle(const ContainerShell& shell) const;
  /// As adopt(); the bundle that it was in is returned in `bundle`.
  [[nodiscard]] std::unique_ptr<ContainerShell> adopt_by(std::unique_ptr<ContainerShell> twin,
                                                         std::unique_ptr<RuntimeBundle>& bundle,
                                                         pid_t init);
  /// The runtime has started it anew in the shell where it is.
  void began_again(pid_t init) { begin(init); }

 private:
  [[nodiscard]] std::string groups() const override;

  const ContainerRuntime& runtime_;
  RuntimeGroups group_;
  std::unique_ptr<RuntimeBundle> bundle_;
};

/// Whether the runtime's containers can be had on this site; null: on this machine.
[[nodiscard]] Support check_runtime(const ContainerRuntime& runtime, const Site* site);
/// Throws Error for a site that is not local.
[[nodiscard]] std::unique_ptr<Instance> make_runtime_instance(const ContainerRuntime& runtime,
                                                              Site& site,
                                                              const InstanceRequest& request);

}  // namespace migbench
