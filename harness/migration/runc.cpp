// The technique `runc`: `runc checkpoint` and `runc restore`, CRIU as an OCI runtime drives it.
#include "harness/environment/runc.hpp"

#include "harness/migration/runtime_move.hpp"

namespace migbench {
namespace {

class RuncTechnique : public Technique {
 public:
  [[nodiscard]] std::string_view name() const override { return "runc"; }
  [[nodiscard]] std::string_view summary() const override {
    return "runc checkpoint and runc restore, to compare with; images on a shared tmpfs";
  }
  [[nodiscard]] std::vector<std::string_view> environments() const override { return {"runc"}; }
  [[nodiscard]] Support check(const Site* site) const override {
    return check_runtime(runc_runtime(), site);
  }
  [[nodiscard]] std::unique_ptr<Migration> prepare(const MoveRequest& request) const override {
    return prepare_runtime_move(request);
  }
};

MIGBENCH_REGISTER(Technique, RuncTechnique);

}  // namespace
}  // namespace migbench
