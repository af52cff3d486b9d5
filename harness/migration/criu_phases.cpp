#include "harness/migration/criu_phases.hpp"

#include <algorithm>

namespace migbench {
namespace {

using Moment = std::optional<std::int64_t>;

void add(std::vector<Phase>& phases, const char* name, const Moment& start, const Moment& end,
         nlohmann::json details = nlohmann::json::object()) {
  if (!start || !end) return;
  phases.push_back(
      {.name = name, .start_ns = *start, .end_ns = *end, .details = std::move(details)});
}

}  // namespace

std::vector<Phase> criu_phases(const CriuAgentProcess& source, const CriuAgentProcess& destination,
                               bool lazy) {
  std::vector<Phase> phases;
  for (const auto& event : source.events()) {
    if (event.value("event", "") != "round") continue;
    add(phases, "precopy", event.at("start").get<std::int64_t>(),
        event.at("at").get<std::int64_t>(),
        {{"round", event.at("round")},
         {"bytes", event.at("bytes")},
         {"statistics", event.at("statistics")}});
  }
  const auto freeze = source.when("freeze");
  const auto dumped = source.when("dumped");
  Moment frozen;
  if (const auto* end = source.find("done"); freeze && end != nullptr) {
    // CRIU tells how long it took until every task was stopped.
    const auto statistics = end->value("statistics", nlohmann::json());
    if (statistics.is_object())
      frozen = *freeze + statistics.value("freezing_time", std::int64_t{0}) * 1000;
  }
  add(phases, "request", source.when("requested"), freeze);
  add(phases, "freeze", freeze, frozen);
  add(phases, "dump", frozen ? frozen : freeze, dumped);

  const auto receiving = destination.when("receiving");
  const auto received = destination.when("received");
  if (const auto* all = destination.find("received"); receiving && received && all != nullptr) {
    const auto bytes = all->value("bytes", std::uint64_t{0});
    const double seconds =
        static_cast<double>(std::max<std::int64_t>(1, *received - *receiving)) / 1e9;
    add(phases, "transfer", receiving, received,
        {{"bytes", bytes}, {"bytes_per_second", static_cast<double>(bytes) / seconds}});
  }
  const auto restored = destination.when("restored");
  const auto decided = destination.when("decided");
  const auto switching = destination.when("switching");
  const auto switched = destination.when("switched");
  const auto resumed = destination.when("resumed");
  add(phases, "restore", received, restored);
  add(phases, "commit", restored, decided);
  add(phases, "resume", decided, resumed);
  add(phases, "switch", switching, switched);
  if (lazy) add(phases, "pages", resumed, destination.when("done"));
  return phases;
}

}  // namespace migbench
