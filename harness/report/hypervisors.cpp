#include "harness/report/hypervisors.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>

#include "harness/report/disagreement.hpp"
#include "harness/report/downtime_names.hpp"
#include "harness/report/numbers.hpp"
#include "harness/report/trial_figure.hpp"

namespace migbench {
namespace {

using nlohmann::json;

constexpr const char* kOwnDowntime = "hypervisor_downtime_ms";

constexpr std::array kOfIteration{"bytes", "remaining_bytes", "dirty_bytes_per_s", "duration_ms"};

/// How long memory was not on its way, as a share of the whole; nothing where the move is not split
/// that far.
std::optional<double> preparation_of(const MoveResult& move) {
  std::int64_t preparing = 0;
  bool copied = false;
  for (const Phase& phase : move.phases) {
    if (phase.name == "copy") copied = true;
    if (phase.name == "connect" || phase.name == "prepare" || phase.name == "finish")
      preparing += phase.end_ns - phase.start_ns;
  }
  if (!copied || move.done_ns <= move.request_ns) return std::nullopt;
  return static_cast<double>(preparing) / static_cast<double>(move.done_ns - move.request_ns);
}

/// What the probe said of this move by one estimator.
std::optional<double> probed(const Record& record, std::size_t move, const std::string& metric) {
  for (const Metric& one : record.metrics) {
    if (one.name == metric && one.point.value("migration", std::size_t{1}) == move + 1)
      return one.value;
  }
  return std::nullopt;
}

class Cellwise {
 public:
  void add(const Record& record) {
    for (std::size_t i = 0; i < record.migrations.size(); ++i) {
      if (record.migrations[i].moved) add_move(record, i);
    }
    preparation_.end_trial();
    downtime_.end_trial();
    disagreement_.end_trial();
    for (auto& [metric, figure] : differences_)
      figure.end_trial();
    for (auto& [number, figures] : iterations_)
      for (auto& [name, figure] : figures)
        figure.end_trial();
  }

  [[nodiscard]] json to_json() const {
    json result = json::object();
    if (!preparation_.empty()) result["preparation"] = preparation_.to_json();
    if (!downtime_.empty()) result["downtime"] = downtime_.to_json();
    for (const DowntimeEstimator& estimator : kDowntimeEstimators) {
      const auto found = differences_.find(estimator.metric);
      if (found == differences_.end()) continue;
      json difference = found->second.to_json();
      difference["metric"] = estimator.metric;
      result["differences"].push_back(std::move(difference));
    }
    if (json parts = disagreement_.to_json(); !parts.is_null())
      result["disagreement"] = std::move(parts);
    for (const auto& [number, figures] : iterations_) {
      json iteration{{"iteration", number}};
      for (const auto& [name, figure] : figures)
        iteration[name] = figure.to_json();
      result["iterations"].push_back(std::move(iteration));
    }
    return result.empty() ? json(nullptr) : result;
  }

 private:
  void add_move(const Record& record, std::size_t index) {
    const MoveResult& move = record.migrations[index];
    if (const auto share = preparation_of(move)) preparation_.add(*share);
    for (const Phase& phase : move.phases) {
      if (phase.name == "copy" && phase.details.contains("iteration")) add_iteration(phase);
    }
    if (!move.facts.is_object() || !move.facts.contains(kOwnDowntime)) return;
    const auto own = move.facts.at(kOwnDowntime).get<double>();
    downtime_.add(own);
    disagreement_.add_move(record, index, own);
    for (const DowntimeEstimator& estimator : kDowntimeEstimators) {
      if (const auto seen = probed(record, index, estimator.metric))
        differences_[estimator.metric].add(*seen - own);
    }
  }

  void add_iteration(const Phase& phase) {
    auto& figures = iterations_[phase.details.at("iteration").get<int>()];
    for (const char* name : kOfIteration) {
      if (phase.details.contains(name)) figures[name].add(phase.details.at(name).get<double>());
    }
    figures["duration_ms"].add(milliseconds(phase.end_ns - phase.start_ns));
  }

  TrialFigure preparation_, downtime_;
  Disagreement disagreement_;
  std::map<std::string, TrialFigure> differences_;
  std::map<int, std::map<std::string, TrialFigure>> iterations_;
};

}  // namespace

json summarize_hypervisor(const std::vector<const Record*>& records) {
  Cellwise all;
  for (const Record* record : records)
    all.add(*record);
  return all.to_json();
}

}  // namespace migbench
