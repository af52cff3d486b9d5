#include "bench/verbs/plan.hpp"

#include <algorithm>

namespace migbench::verbs {
namespace {

// The border between small and large messages, and the numbers below, are those of
// migbench-pingpong (and so of the OSU micro-benchmarks), so that the two layers are measured
// alike.
bool is_large(Bytes size) {
  return size.count > 8192;
}

}  // namespace

StoppingRule rule_for(const Plan& plan, Mode mode, Bytes size) {
  StoppingRule rule = plan.rule;
  if (plan.iterations) {
    rule.fewest = rule.most = static_cast<std::size_t>(*plan.iterations);
    rule.relative_width = 0;
    rule.budget = Nanoseconds::max();
    return rule;
  }
  std::size_t fewest = 20;
  if (mode == Mode::latency) fewest = is_large(size) ? 100 : 1000;
  rule.fewest = std::min(plan.fewest.value_or(fewest), rule.most);
  return rule;
}

std::int64_t warmup_for(const Plan& plan, Mode mode, Bytes size) {
  if (plan.warmup) return *plan.warmup;
  if (mode == Mode::latency) return is_large(size) ? 10 : 100;
  return is_large(size) ? 16 : 512;
}

}  // namespace migbench::verbs
