// Where a workload runs: native, container, kvm ...  One file each; docs/adding.md shows a whole
// one.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/error.hpp"
#include "harness/site/site.hpp"

namespace migbench {

/// One environment brought up on one node: the place where processes of the workload run.
/// Techniques move it. Its destructor takes it down and leaves nothing behind.
class Instance : public Place {
 public:
  /// Where it is now.
  [[nodiscard]] virtual Node& node() const = 0;
  /// An address of its own that goes where it goes: the echo server's. Most have but one.
  [[nodiscard]] virtual std::string service_address() { return address(); }
  /// How it is configured, for the record and for proving that compared things are equal.
  [[nodiscard]] virtual nlohmann::json facts() const = 0;
  /// The command that launches an MPI job over instances of this kind, from mpirun's own.
  [[nodiscard]] virtual Command launcher(const Command& mpirun) const { return mpirun; }
  /// What numbers from here must be labelled with ("emulated: TCG"); usually empty.
  [[nodiscard]] virtual std::vector<std::string> labels() const { return {}; }
  /// The same for what goes over its RDMA device, which an MPI job cannot know ("emulated:
  /// soft-RoCE").
  [[nodiscard]] virtual std::vector<std::string> rdma_labels() const { return {}; }
};

struct InstanceRequest {
  std::string name;  ///< host name inside, unique in the site
  Node* node = nullptr;
  nlohmann::json parameters;  ///< the cell's parameters; an environment reads those it knows
                              ///< ("memory", "vcpus")
};

class Environment {
 public:
  virtual ~Environment() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual std::string_view summary() const = 0;
  /// Whether it can be had on this site. A null site asks for this machine in general (`migbench
  /// list`).
  [[nodiscard]] virtual Support check(const Site* site) const = 0;
  /// The cell's parameters that it reads; a plan that sweeps others is refused.
  [[nodiscard]] virtual std::vector<std::string_view> parameters() const { return {}; }
  /// Throws InputError for a bad parameter, Error where it does not come up.
  [[nodiscard]] virtual std::unique_ptr<Instance> bring_up(
      Site& site, const InstanceRequest& request) const = 0;
  /// Several, in this order. One after the other, unless the environment can do better.
  [[nodiscard]] virtual std::vector<std::unique_ptr<Instance>> bring_up_all(
      Site& site, const std::vector<InstanceRequest>& requests) const {
    std::vector<std::unique_ptr<Instance>> instances;
    instances.reserve(requests.size());
    for (const InstanceRequest& request : requests)
      instances.push_back(bring_up(site, request));
    return instances;
  }
};

}  // namespace migbench
