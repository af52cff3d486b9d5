#include "pingpong/team.hpp"

namespace migbench::pingpong {

Team::Place Team::place_of(int rank, const std::vector<Pair>& pairs) {
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (pairs[i].first == rank) return {Role::starts, pairs[i], static_cast<int>(i)};
    if (pairs[i].second == rank) return {Role::answers, pairs[i], static_cast<int>(i)};
  }
  return {};
}

Team::Team(const Session& session, const std::vector<Pair>& pairs)
    : place_(place_of(session.rank(), pairs)),
      players_(place_.role == Role::idle ? MPI_UNDEFINED : 0, session.rank()),
      pair_comm_(place_.index, place_.role == Role::starts ? 0 : 1) {}

}  // namespace migbench::pingpong
