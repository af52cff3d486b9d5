// The technique `criu-stop-copy`: the container is frozen, dumped, sent, restored, and goes on.
#include "harness/migration/criu_move.hpp"

namespace migbench {
namespace {

class CriuStopCopy : public Technique {
 public:
  [[nodiscard]] std::string_view name() const override { return "criu-stop-copy"; }
  [[nodiscard]] std::string_view summary() const override {
    return "CRIU: frozen, dumped, sent while it is dumped, restored";
  }
  [[nodiscard]] std::vector<std::string_view> environments() const override {
    return {"container"};
  }
  [[nodiscard]] Support check(const Site* site) const override { return check_criu_move(site); }
  [[nodiscard]] std::vector<std::string_view> parameters() const override {
    return {"images", "image_directory"};
  }
  [[nodiscard]] std::unique_ptr<Migration> prepare(const MoveRequest& request) const override {
    return prepare_criu_move(request, criu_move_options(request.parameters));
  }
};

MIGBENCH_REGISTER(Technique, CriuStopCopy);

}  // namespace
}  // namespace migbench
