// A figure of a cell: the median over trials of the median of a trial's moves.
#pragma once

#include <span>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/quantile.hpp"

namespace migbench {

class TrialFigure {
 public:
  void add(double value) { moves_.push_back(value); }
  void end_trial() {
    if (moves_.empty()) return;
    trials_.push_back(summarize(std::span<const double>(moves_))->median);
    moves_.clear();
  }
  [[nodiscard]] bool empty() const { return trials_.empty(); }
  /// {"n", "median", "interval"}; not of an empty one.
  [[nodiscard]] nlohmann::json to_json() const {
    const Summary summary = *summarize(std::span<const double>(trials_));
    return {{"n", summary.n},
            {"median", summary.median},
            {"interval", summary.interval
                             ? nlohmann::json{summary.interval->low, summary.interval->high}
                             : nlohmann::json(nullptr)}};
  }

 private:
  std::vector<double> moves_, trials_;
};

}  // namespace migbench
