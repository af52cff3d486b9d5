// BT: an implicit solver of a flow problem by alternating directions, with block tridiagonal
// systems of 5 x 5 blocks (RNR-94-007, section 3.3.5).
#include "apps/npb/adi_run.hpp"
#include "apps/npb/bt_lines.hpp"
#include "apps/npb/verification.hpp"

namespace migbench::npb {
namespace {

Result run(const Run& run) {
  const CfdClass& problem = of_class(kBtClasses, run.problem_class);
  const double n = problem.points;
  Result result = run_adi<AdiSweeps<BtLines>>(run, problem);
  result.operations = problem.iterations * (3478.8 * n * n * n - 17655.7 * n * n + 28023.7 * n);
  return result;
}

std::optional<std::string> refuse(char problem_class, int ranks) {
  return refuse_unless_square(ranks, of_class(kBtClasses, problem_class).points);
}

double bytes_per_rank(char problem_class, int ranks) {
  const double points = of_class(kBtClasses, problem_class).points;
  constexpr double stored = 22;  // doubles a point: the fields; lines are kept a few at a time
  return stored * 8 * points * points * points / ranks;
}

const KernelRegistration registration({"BT", "flow solver, block tridiagonal lines of 5 x 5 blocks",
                                       refuse, bytes_per_rank, run});

}  // namespace
}  // namespace migbench::npb
