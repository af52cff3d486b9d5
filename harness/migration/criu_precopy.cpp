// The technique `criu-precopy`: most of the memory is copied while the container runs, in rounds of
// which each takes what was written during the one before; what is left is dumped while it stands.
#include <fmt/format.h>

#include "bench/units.hpp"
#include "harness/migration/criu_move.hpp"
#include "harness/migration/dirty_tracking.hpp"
#include "harness/migration/pipe_limit.hpp"

namespace migbench {
namespace {

constexpr int kDefaultRounds = 4;
constexpr int kMostRounds = 100;
constexpr const char* kDefaultThreshold = "1MiB";

int rounds_of(const nlohmann::json& parameters) {
  const auto value = parameters.value("rounds", nlohmann::json(kDefaultRounds));
  if (!value.is_number_integer() || value < 1 || value > kMostRounds)
    throw InputError(fmt::format("rounds: a whole number from 1 to {} is needed, not {}",
                                 kMostRounds, value.dump()));
  return value.get<int>();
}

Bytes threshold_of(const nlohmann::json& parameters) {
  const auto value = parameters.value("threshold", nlohmann::json(kDefaultThreshold));
  if (!value.is_string())
    throw InputError("threshold: a text with its unit is needed, for example \"1MiB\"");
  return parse_bytes(value.get<std::string>());
}

class CriuPrecopy : public Technique {
 public:
  [[nodiscard]] std::string_view name() const override { return "criu-precopy"; }
  [[nodiscard]] std::string_view summary() const override {
    return "CRIU pre-copy: memory is sent while the container runs, in rounds, the rest at the end";
  }
  [[nodiscard]] std::vector<std::string_view> environments() const override {
    return {"container"};
  }
  [[nodiscard]] Support check(const Site* site) const override {
    restore_pipe_limit();  // should a run have been killed
    if (auto no = check_dirty_tracking()) return no;
    if (auto no = check_criu_move(site)) return no;
    return PipeLimit::check(kPagePipeBytes);
  }
  [[nodiscard]] std::vector<std::string_view> parameters() const override {
    return {"images", "image_directory", "rounds", "threshold"};
  }
  [[nodiscard]] std::unique_ptr<Migration> prepare(const MoveRequest& request) const override {
    CriuMoveOptions options = criu_move_options(request.parameters);
    options.rounds = rounds_of(request.parameters);
    options.threshold = threshold_of(request.parameters);
    return prepare_criu_move(request, options);
  }
};

MIGBENCH_REGISTER(Technique, CriuPrecopy);

}  // namespace
}  // namespace migbench
