// SP: the flow problem by alternating directions with diagonalized, scalar pentadiagonal systems
// (RNR-94-007, section 3.3.4).
#include "apps/npb/adi_run.hpp"
#include "apps/npb/sp_lines.hpp"
#include "apps/npb/verification.hpp"

namespace migbench::npb {
namespace {

Result run(const Run& run) {
  const CfdClass& problem = of_class(kSpClasses, run.problem_class);
  const double n = problem.points;
  Result result = run_adi<AdiSweeps<SpLines>>(run, problem);
  result.operations =
      problem.iterations * (881.174 * n * n * n - 4683.91 * n * n + 11484.5 * n - 19272.4);
  return result;
}

std::optional<std::string> refuse(char problem_class, int ranks) {
  return refuse_unless_square(ranks, of_class(kSpClasses, problem_class).points);
}

double bytes_per_rank(char problem_class, int ranks) {
  const double points = of_class(kSpClasses, problem_class).points;
  constexpr double stored = 22;  // doubles a point: the fields; lines are kept a few at a time
  return stored * 8 * points * points * points / ranks;
}

const KernelRegistration registration({"SP", "flow solver, scalar pentadiagonal lines", refuse,
                                       bytes_per_rank, run});

}  // namespace
}  // namespace migbench::npb
