// Which place of a job a rank has, and which processors belong to it.
//
// The study that migbench follows pins all processes of a host to one of its sockets. What is
// compared has to be placed alike, so one program (migbench-pin) does it in every environment, by
// one of these policies, instead of each launcher by its own.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <hwloc.h>

namespace migbench {

enum class Placement {
  free,    ///< wherever the system puts it
  socket,  ///< all ranks of a host on one socket; hosts that share a machine take turns
  core     ///< a core of its own for each rank, as far as there are enough
};

[[nodiscard]] std::string_view name(Placement placement);
/// Throws InputError that lists the names.
[[nodiscard]] Placement parse_placement(const std::string& text);

/// Ranks come in groups, one a host: 0 and 1 in the first, 2 in the second ({2, 1}).
struct Seat {
  int rank = 0;
  int group = 0;
  int in_group = 0;  ///< the how-many-eth rank of its group, from 0
};

/// Throws InputError for a rank that is beyond the groups.
[[nodiscard]] Seat seat_of(int rank, const std::vector<int>& groups);

/// The rank that a launcher (Open MPI, PMIx, Slurm) gave this process; 0 without one.
[[nodiscard]] int own_rank();

/// What hwloc sees of this machine: the processors that this process may use.
class Processors {
 public:
  Processors();
  /// A machine that hwloc makes up ("package:2 core:4 pu:1"). Throws InputError.
  explicit Processors(const std::string& synthetic);
  ~Processors();
  Processors(const Processors&) = delete;
  Processors& operator=(const Processors&) = delete;

  /// The numbers of the processors for a seat, as the kernel counts them; all where the placement
  /// is free. `shared`: the groups are on one machine (virtual nodes, containers), else each has
  /// its own.
  [[nodiscard]] std::vector<unsigned> of(Placement placement, const Seat& seat, bool shared) const;
  /// The same for all ranks of a group, in their order, each processor once: what a guest in which
  /// they run is to be given.
  [[nodiscard]] std::vector<unsigned> of_group(Placement placement, int group,
                                               const std::vector<int>& groups, bool shared) const;

 private:
  [[nodiscard]] hwloc_obj_t nth(hwloc_obj_type_t type, int index) const;
  hwloc_topology_t topology_ = nullptr;
};

/// Binds this process. Throws Error.
void bind_to(const std::vector<unsigned>& cpus);
/// Where the kernel says that this process may run.
[[nodiscard]] std::vector<unsigned> allowed_cpus();

}  // namespace migbench
