#include "harness/report/disagreement.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "harness/report/numbers.hpp"

namespace migbench {
namespace {

using nlohmann::json;

const Phase* find_phase(const MoveResult& move, std::initializer_list<const char*> names) {
  const auto found = std::find_if(move.phases.begin(), move.phases.end(), [&](const Phase& phase) {
    return std::any_of(names.begin(), names.end(),
                       [&](const char* name) { return phase.name == name; });
  });
  return found == move.phases.end() ? nullptr : &*found;
}

/// The longest outage between the request of a move and that of the next one: the one that the
/// move's metrics are taken from (harness/run/downtime.cpp).
const json* outage_of(const Record& record, std::size_t move) {
  const std::int64_t from = record.migrations[move].request_ns;
  const std::int64_t to = move + 1 < record.migrations.size()
                              ? record.migrations[move + 1].request_ns
                              : std::numeric_limits<std::int64_t>::max();
  const json* longest = nullptr;
  std::int64_t length = -1;
  if (!record.probe.is_object() || !record.probe.contains("outages")) return nullptr;
  for (const json& outage : record.probe.at("outages")) {
    const auto start = outage.at("start_ns").get<std::int64_t>();
    const auto end = outage.at("end_ns").get<std::int64_t>();
    if (end <= from || start >= to || end - start <= length) continue;
    length = end - start;
    longest = &outage;
  }
  return longest;
}

double median(const json& parts, const char* name) {
  return parts.at(name).at("median").get<double>();
}

std::string cause_of_silence_after(const json& parts) {
  if (parts.at("pulled").get<bool>()) return "it ran, but waited for its pages";
  const auto kind = parts.at("kind").get<std::string>();
  if (kind == "dropped") return "packets were lost until the network was switched over";
  if (kind == "paused") return "no packet was lost, it answered late: it had not got going";
  return "packets were lost until the network was switched over, then answered late";
}

}  // namespace

void Disagreement::add_move(const Record& record, std::size_t index, double own) {
  const MoveResult& move = record.migrations[index];
  const Phase* pause = find_phase(move, {"switch-over", "paused"});
  const json* outage = outage_of(record, index);
  if (pause == nullptr || outage == nullptr) return;
  const json& estimate = outage->at("downtime");
  if (estimate.at("high_ns").is_null()) return;
  before_.add(milliseconds(pause->start_ns - outage->at("start_ns").get<std::int64_t>()));
  after_.add(milliseconds(outage->at("end_ns").get<std::int64_t>() - pause->end_ns));
  events_.add(milliseconds(pause->end_ns - pause->start_ns) - own);
  bracket_.add(milliseconds(estimate.at("high_ns").get<std::int64_t>() -
                            estimate.at("low_ns").get<std::int64_t>()) /
               2);
  ++kinds_[outage->at("kind").get<std::string>()];
  pulled_ = pulled_ || find_phase(move, {"pull"}) != nullptr;
}

void Disagreement::end_trial() {
  for (TrialFigure* figure : {&before_, &after_, &events_, &bracket_})
    figure->end_trial();
}

json Disagreement::to_json() const {
  if (before_.empty()) return nullptr;
  const auto commonest =
      std::max_element(kinds_.begin(), kinds_.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  return {{"before", before_.to_json()}, {"after", after_.to_json()},
          {"events", events_.to_json()}, {"bracket", bracket_.to_json()},
          {"kind", commonest->first},    {"pulled", pulled_}};
}

std::string disagreement_text(double difference, const json& parts) {
  const double bracket = median(parts, "bracket");
  if (std::abs(difference) <= bracket) {
    return fmt::format("they agree within the probe's bracket of {} ms", number_text(bracket));
  }
  const double before = median(parts, "before");
  const double after = median(parts, "after");
  const double events = median(parts, "events");
  std::string cause = cause_of_silence_after(parts);
  std::string largest = "after the resumption";
  if (std::abs(events) > std::abs(after) && std::abs(events) > std::abs(before)) {
    largest = "between libvirt's events";
    cause = "libvirt told of pause and resumption later than QEMU counted them";
  } else if (std::abs(before) > std::abs(after)) {
    largest = "before the pause";
    cause = before > 0 ? "the guest no longer answered while its memory was copied"
                       : "packets sent before the pause were still answered";
  }
  return fmt::format(
      "they are {} ms apart: {} before the pause, {} after the resumption, {} between libvirt's "
      "events (the probe's bracket: {}); most of it {}: {}",
      number_text(difference), number_text(before), number_text(after), number_text(events),
      number_text(bracket), largest, cause);
}

}  // namespace migbench
