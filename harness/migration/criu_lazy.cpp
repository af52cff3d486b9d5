// The technique `criu-lazy`: post-copy. The container goes on at the destination with hardly any
// memory there; each page follows when it is touched, the rest in the background.
#include "harness/migration/criu_move.hpp"
#include "harness/migration/pipe_limit.hpp"

namespace migbench {
namespace {

class CriuLazy : public Technique {
 public:
  [[nodiscard]] std::string_view name() const override { return "criu-lazy"; }
  [[nodiscard]] std::string_view summary() const override {
    return "CRIU post-copy: goes on at once, its memory follows page by page";
  }
  [[nodiscard]] std::vector<std::string_view> environments() const override {
    return {"container"};
  }
  [[nodiscard]] Support check(const Site* site) const override {
    restore_pipe_limit();  // should a run have been killed
    if (auto no = check_criu_move(site)) return no;
    if (auto no = PipeLimit::check(kPagePipeBytes)) return no;
    return check_userfaultfd();
  }
  [[nodiscard]] std::vector<std::string_view> parameters() const override {
    return {"image_directory"};
  }
  [[nodiscard]] std::unique_ptr<Migration> prepare(const MoveRequest& request) const override {
    CriuMoveOptions options = criu_move_options(request.parameters);
    options.lazy = true;
    return prepare_criu_move(request, options);
  }
};

MIGBENCH_REGISTER(Technique, CriuLazy);

}  // namespace
}  // namespace migbench
