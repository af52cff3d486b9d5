// Nothing but the echo server: the floor for every downtime, and what the probe itself costs.
#include "harness/workload/workload.hpp"

namespace migbench {
namespace {

class Idle : public Workload {
 public:
  [[nodiscard]] std::string_view name() const override { return "idle"; }
  [[nodiscard]] std::string_view summary() const override {
    return "nothing but the echo server that the downtime probe asks";
  }
  [[nodiscard]] Support check(const Site* /*site*/) const override { return std::nullopt; }
  [[nodiscard]] nlohmann::json defaults() const override { return nlohmann::json::object(); }
  [[nodiscard]] Job job(const nlohmann::json& /*parameters*/) const override {
    return {};  // no program: see Job
  }
  /// Nothing of its own: what is measured here is the move.
  [[nodiscard]] std::vector<Metric> metrics(const nlohmann::json& /*parameters*/,
                                            const Finished& /*finished*/) const override {
    return {};
  }
  [[nodiscard]] nlohmann::json document(const Finished& /*finished*/) const override {
    return nullptr;
  }
};

MIGBENCH_REGISTER(Workload, Idle);

}  // namespace
}  // namespace migbench
