// Who a rank is in this measurement.
#pragma once

#include <optional>
#include <vector>

#include "pingpong/pairs.hpp"
#include "pingpong/session.hpp"

namespace migbench::pingpong {

enum class Role { starts, answers, idle };

/// This rank's place. In `pair_comm` the starting rank is 0 and the answering one 1; `players` are
/// the ranks of all pairs.
class Team {
 public:
  /// Collective over the world. The pairs must be checked.
  Team(const Session& session, const std::vector<Pair>& pairs);

  [[nodiscard]] Role role() const noexcept { return place_.role; }
  /// Only where the role is not idle.
  [[nodiscard]] const Pair& pair() const noexcept { return place_.pair; }
  [[nodiscard]] MPI_Comm players() const noexcept { return players_.get(); }
  [[nodiscard]] MPI_Comm pair_comm() const noexcept { return pair_comm_.get(); }
  [[nodiscard]] int peer() const noexcept { return place_.role == Role::starts ? 1 : 0; }

 private:
  struct Place {
    Role role = Role::idle;
    Pair pair{};
    int index = MPI_UNDEFINED;
  };
  static Place place_of(int rank, const std::vector<Pair>& pairs);

  Place place_;
  Communicator players_;
  Communicator pair_comm_;
};

}  // namespace migbench::pingpong
