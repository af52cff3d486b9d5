#include "pingpong/schedule.hpp"

namespace migbench::pingpong {

Ballot to_ballot(const Proposal& proposal) {
  return {proposal.go_on ? 1 : 0, -proposal.samples};
}

Proposal from_ballot(const Ballot& ballot) {
  return {ballot.go_on != 0, -ballot.minus_samples};
}

}  // namespace migbench::pingpong
