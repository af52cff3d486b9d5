#include <algorithm>

#include "pingpong/schedule.hpp"
#include "tests/catch.hpp"

using namespace migbench;
using namespace migbench::pingpong;
using namespace std::chrono_literals;

namespace {

/// What MPI_MAX makes of them.
Proposal agreed(const std::vector<Proposal>& proposals) {
  Ballot all = to_ballot(proposals.front());
  for (const Proposal& proposal : proposals) {
    const Ballot one = to_ballot(proposal);
    all = {std::max(all.go_on, one.go_on), std::max(all.minus_samples, one.minus_samples)};
  }
  return from_ballot(all);
}

}  // namespace

TEST_CASE("ranks agree on the shortest block and go on while one wants to") {
  const Proposal answers{};
  CHECK(agreed({{true, 500}, answers}).go_on);
  CHECK(agreed({{true, 500}, answers}).samples == 500);
  CHECK_FALSE(agreed({{false, 500}, answers}).go_on);
  const Proposal both = agreed({{false, 800}, answers, {true, 300}, answers});
  CHECK(both.go_on);
  CHECK(both.samples == 300);
  CHECK(agreed({{true, 300}, answers, {false, 200}}).samples == 200);
}
