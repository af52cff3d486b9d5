// The technique `lxc`: lxc-checkpoint, CRIU as LXC drives it.
#include "harness/environment/lxc.hpp"

#include "harness/migration/runtime_move.hpp"

namespace migbench {
namespace {

class LxcTechnique : public Technique {
 public:
  [[nodiscard]] std::string_view name() const override { return "lxc"; }
  [[nodiscard]] std::string_view summary() const override {
    return "lxc-checkpoint, and the same with --restore, to compare with; images on a shared tmpfs";
  }
  [[nodiscard]] std::vector<std::string_view> environments() const override { return {"lxc"}; }
  [[nodiscard]] Support check(const Site* site) const override {
    return check_runtime(lxc_runtime(), site);
  }
  [[nodiscard]] std::unique_ptr<Migration> prepare(const MoveRequest& request) const override {
    return prepare_runtime_move(request);
  }
};

MIGBENCH_REGISTER(Technique, LxcTechnique);

}  // namespace
}  // namespace migbench
