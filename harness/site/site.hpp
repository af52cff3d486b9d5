// The machines: their nodes, and how MPI is launched over places on them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/error.hpp"
#include "harness/registry.hpp"
#include "harness/site/place.hpp"

namespace migbench {

/// One machine of a site, real or virtual.
class Node : public Place {
 public:
  /// For the record: at least {"name", "address", "host": host_facts() as seen there}.
  [[nodiscard]] virtual nlohmann::json facts() const = 0;
};

/// Some ranks of an MPI job and where they run.
struct RankGroup {
  const Place* place = nullptr;
  int ranks = 1;
};

struct MpiJob {
  std::vector<RankGroup> groups;   ///< ranks are numbered through the groups in this order
  Command program;                 ///< every rank's command
  std::string transport = "auto";  ///< which MPI layer carries it: "auto", "tcp", "shm" (one place
                                   ///< only), "ofi", "ucx", "verbs" (libfabric's verbs provider)
  std::vector<std::string> mca{};  ///< further options of mpirun, as they are
};

/// A site that is up. Its destructor takes down all it made.
class Site {
 public:
  virtual ~Site() = default;
  [[nodiscard]] virtual std::string_view kind() const = 0;  ///< "local", "ssh", "slurm"
  /// Where mpirun and the downtime probe run: reaches every node and takes no part in the workload.
  [[nodiscard]] virtual const Place& head() const = 0;
  [[nodiscard]] virtual const std::vector<std::unique_ptr<Node>>& nodes() const = 0;
  /// The command that launches the job, to be run with head().run() or start().
  [[nodiscard]] virtual Command mpi_command(const MpiJob& job) const = 0;
  /// A private directory on the harness's machine that goes with the site.
  [[nodiscard]] virtual const std::filesystem::path& scratch() const = 0;
  /// What every number from here must be labelled with ("virtual nodes"); empty for real machines.
  [[nodiscard]] virtual std::vector<std::string> labels() const = 0;
  [[nodiscard]] virtual nlohmann::json facts() const = 0;
};

/// A kind of site, by the name that plans use.
class SiteKind {
 public:
  virtual ~SiteKind() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual std::string_view summary() const = 0;
  /// Whether such a site can be had on this machine: rights, programs, an allocation.
  [[nodiscard]] virtual Support check(const nlohmann::json& settings) const = 0;
  /// Brings it up. `settings` is the plan's "site" object. Throws InputError for bad settings,
  /// Error otherwise.
  [[nodiscard]] virtual std::unique_ptr<Site> bring_up(const nlohmann::json& settings) const = 0;
};

}  // namespace migbench
