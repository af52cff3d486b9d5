// The environment `runc`: a container of the same shape as `container`, made, kept and moved by an
// OCI runtime (opencontainers/runtime-spec 1.0, runc(8)).
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "harness/environment/container.hpp"

namespace migbench {

/// runc and a CRIU that works, on this machine.
[[nodiscard]] Support check_runc();

/// runc's view of one container on one node, in a shell that was made for it: bundle, state,
/// control groups. All of it goes with the object.
class RuncBundle {
 public:
  /// `group`: the path of its control groups below each hierarchy's root.
  RuncBundle(const ContainerShell& shell, const std::string& group,
             const std::filesystem::path& site);
  ~RuncBundle();
  RuncBundle(const RuncBundle&) = delete;
  RuncBundle& operator=(const RuncBundle&) = delete;

  /// Starts the container. Returns its process 1 as the node sees it. Throws Error.
  [[nodiscard]] pid_t run();
  /// Dumps it to `images`, a directory on the node, and ends it. It runs on where that fails:
  /// Error.
  void checkpoint(const std::filesystem::path& images, Nanoseconds deadline);
  /// The container out of `images`. Returns its process 1. Throws Error.
  [[nodiscard]] pid_t restore(const std::filesystem::path& images, Nanoseconds deadline);

 private:
  [[nodiscard]] Finished runc(std::vector<std::string> words, Nanoseconds deadline) const;
  [[nodiscard]] pid_t read_pid() const;

  const LocalNode& node_;
  std::string name_;
  std::filesystem::path directory_;  ///< on the node
};

class RuncInstance : public ContainerInstance {
 public:
  RuncInstance(LocalSite& site, LocalNode& node, const std::string& name);

  [[nodiscard]] nlohmann::json facts() const override;

  [[nodiscard]] RuncBundle& bundle() const noexcept { return *bundle_; }
  /// An empty bundle in a shell that prepare_shell() made.
  [[nodiscard]] std::unique_ptr<RuncBundle> prepare_bundle(const ContainerShell& shell) const;
  /// As adopt(); the bundle that it was in is returned in `bundle`.
  [[nodiscard]] std::unique_ptr<ContainerShell> adopt_by(std::unique_ptr<ContainerShell> twin,
                                                         std::unique_ptr<RuncBundle>& bundle,
                                                         pid_t init);
  /// runc has started it anew in the shell where it is.
  void began_again(pid_t init) { begin(init); }

 private:
  [[nodiscard]] std::string groups() const override;

  std::string group_;
  std::unique_ptr<RuncBundle> bundle_;
};

}  // namespace migbench
