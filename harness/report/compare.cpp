#include "harness/report/compare.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "harness/report/fairness.hpp"
#include "harness/stats/random.hpp"
#include "harness/stats/ranks.hpp"

namespace migbench {
namespace {

using nlohmann::json;

/// Whether two sets of parameters agree wherever both have a value.
bool agree(const json& a, const json& b) {
  return std::all_of(a.items().begin(), a.items().end(), [&](const auto& item) {
    return !b.contains(item.key()) || b.at(item.key()) == item.value();
  });
}

bool same_measure(const Row& a, const Row& b) {
  return a.cell->workload == b.cell->workload && a.metric == b.metric && a.point == b.point &&
         a.unit == b.unit;
}

bool is_counterpart(const Row& row, const Row& other, const Baseline& baseline) {
  const Cell& cell = *row.cell;
  const Cell& base = *other.cell;
  if (!same_measure(row, other) || cell.id == base.id) return false;
  const bool moved = cell.technique && !cell.control;
  if (!moved) {
    return base.environment == baseline.environment && cell.environment != base.environment &&
           base.technique == cell.technique && base.control == cell.control;
  }
  if (is_migration_metric(row.metric)) {
    return baseline.technique && base.technique == baseline.technique && !base.control &&
           cell.technique != base.technique;
  }
  return cell.environment == base.environment && (base.control || !base.technique);
}

/// Which of several counterparts is the nearest: same environment, equal parameters, a control of
/// the same technique, any control, the same experiment, in this order.
int closeness(const Row& row, const Row& other) {
  const Cell& cell = *row.cell;
  const Cell& base = *other.cell;
  return (cell.environment == base.environment ? 16 : 0) +
         (cell.parameters == base.parameters ? 8 : 0) +
         (base.control && cell.technique == base.technique ? 4 : 0) + (base.control ? 2 : 0) +
         (cell.experiment == base.experiment ? 1 : 0);
}

std::vector<double> values_of(const std::vector<Launch>& launches) {
  std::vector<double> values;
  for (const Launch& launch : launches)
    values.push_back(launch.value);
  return values;
}

struct Candidate {
  std::size_t row;
  RatioBootstrap ratio;
};

void judge_all(Comparisons& result, const std::vector<Row>& rows,
               const std::vector<Candidate>& candidates, double margin) {
  std::vector<double> alphas;
  for (const Candidate& candidate : candidates)
    alphas.push_back(alpha_of_verdict(candidate.ratio, margin));
  result.level = family_level(alphas);
  for (const Candidate& candidate : candidates) {
    Comparison& comparison = *result.of_row[candidate.row];
    comparison.interval = candidate.ratio.interval(result.level.alpha);
    comparison.interval_alone = candidate.ratio.interval();
    comparison.verdict = judge(comparison.interval, margin, rows[candidate.row].better);
    if (alpha_of_verdict(candidate.ratio, margin) > result.level.alpha)
      comparison.verdict = Verdict::ambiguous;
    if (comparison.verdict != Verdict::ambiguous) continue;
    comparison.launches_needed =
        comparison.interval
            ? launches_for_verdict(comparison.ratio, *comparison.interval, comparison.n, margin)
            : std::optional<std::size_t>(kFewestForInterval);
  }
}

}  // namespace

std::optional<std::size_t> find_baseline(const std::vector<Row>& rows, std::size_t index,
                                         const Baseline& baseline) {
  std::optional<std::size_t> best;
  int nearest = -1;
  bool tie = false;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!is_counterpart(rows[index], rows[i], baseline) ||
        !agree(rows[index].cell->parameters, rows[i].cell->parameters)) {
      continue;
    }
    const int near = closeness(rows[index], rows[i]);
    if (near > nearest) best = i;
    tie = near == nearest || (tie && near < nearest);
    nearest = std::max(near, nearest);
  }
  // Two that fit equally well: neither can be said to be the counterpart.
  return tie ? std::nullopt : best;
}

Comparisons compare(const std::vector<Row>& rows, const Baseline& baseline, std::uint64_t seed) {
  Comparisons result;
  result.of_row.resize(rows.size());
  result.why_not.resize(rows.size());
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto base = find_baseline(rows, i, baseline);
    if (!base) continue;
    if (rows[i].suspect() || rows[*base].suspect()) {
      result.why_not[i] = "not compared: one side has only suspect trials";
      continue;
    }
    Fairness fair = fairness(rows[i], rows[*base]);
    if (!fair.refusal.empty()) {
      result.why_not[i] = fair.refusal;
      continue;
    }
    const auto value = rows[i].launches();
    const auto below = rows[*base].launches();
    const auto ratio = RatioBootstrap::make(value, below, seed_for(seed, rows[i].key()));
    if (!ratio || !(ratio->ratio() > 0) || !std::isfinite(ratio->ratio())) {
      result.why_not[i] = "no ratio: it needs finite values above zero on both sides";
      continue;
    }
    const MannWhitney test = mann_whitney(values_of(value), values_of(below));
    Comparison comparison;
    comparison.baseline = *base;
    comparison.ratio = ratio->ratio();
    comparison.estimator = ratio->estimator();
    comparison.n = ratio->fewest();
    comparison.p = test.p;
    comparison.hodges_lehmann = test.hodges_lehmann;
    comparison.marks = std::move(fair.marks);
    comparison.like_with_like = fair.like_with_like;
    result.of_row[i] = comparison;
    candidates.push_back({i, *ratio});
  }
  judge_all(result, rows, candidates, baseline.margin);
  return result;
}

}  // namespace migbench
