#include "harness/migration/runtime_move.hpp"

#include <fmt/format.h>

#include "bench/clock.hpp"
#include "bench/error.hpp"
#include "harness/environment/runtime.hpp"
#include "harness/migration/criu_supply.hpp"

namespace migbench {
namespace {

namespace fs = std::filesystem;

class RuntimeMove : public Migration {
 public:
  explicit RuntimeMove(const MoveRequest& request)
      : instance_(instance_of(request)),
        destination_(*as_local(request.destination)),
        deadline_(request.deadline),
        images_(instance_.site().shared() /
                fmt::format("{}-{}", instance_.runtime().name(), instance_.name())),
        twin_(instance_.prepare_shell(destination_)),
        bundle_(instance_.prepare_bundle(*twin_)) {}
  ~RuntimeMove() override {
    std::error_code ignored;
    fs::remove_all(destination_.path_from_here(images_), ignored);
  }

  [[nodiscard]] MoveResult move() override {
    MoveResult result;
    result.facts = {
        {"criu", {{"program", criu_supply().program.string()}, {"version", criu_supply().version}}},
        {"images", "shared"}};
    result.request_ns = deadline_now_ns();
    try {
      dump(result);
      restore(result);
    } catch (const Error& error) {
      result.moved = false;
      result.reason = error.what();
      if (dumped_) go_back(result);
    }
    result.done_ns = deadline_now_ns();
    return result;
  }

 private:
  static RuntimeInstance& instance_of(const MoveRequest& request) {
    auto* instance = dynamic_cast<RuntimeInstance*>(request.instance);
    if (instance == nullptr || as_local(request.destination) == nullptr)
      throw Error("only instances of a container runtime on a local site are moved");
    return *instance;
  }

  void dump(MoveResult& result) {
    const std::int64_t start = deadline_now_ns();
    instance_.bundle().checkpoint(images_, deadline_);
    dumped_ = true;
    instance_.shell().set_port(false);
    result.phases.push_back({.name = "dump", .start_ns = start, .end_ns = deadline_now_ns()});
  }

  void restore(MoveResult& result) {
    const std::int64_t start = deadline_now_ns();
    const pid_t init = bundle_->restore(images_, deadline_);
    const std::int64_t restored = deadline_now_ns();
    // Last: an empty namespace would answer TCP with RST.
    twin_->set_port(true);
    twin_->announce();
    twin_ = instance_.adopt_by(std::move(twin_), bundle_, init);
    result.phases.push_back({.name = "restore", .start_ns = start, .end_ns = restored});
    result.phases.push_back({.name = "switch", .start_ns = restored, .end_ns = deadline_now_ns()});
  }

  /// The images are whole: the workload goes on where it was.
  void go_back(MoveResult& result) {
    const std::int64_t start = deadline_now_ns();
    bundle_.reset();  // whatever is left of the copy over there
    try {
      instance_.began_again(instance_.bundle().restore(images_, deadline_));
    } catch (const Error& error) {
      throw Error(fmt::format("{}: the workload was lost: {}; and back at its source: {}",
                              instance_.name(), result.reason, error.what()));
    }
    result.phases.push_back({.name = "back", .start_ns = start, .end_ns = deadline_now_ns()});
  }

  RuntimeInstance& instance_;
  LocalNode& destination_;
  Nanoseconds deadline_;
  fs::path images_;
  std::unique_ptr<ContainerShell> twin_;
  std::unique_ptr<RuntimeBundle> bundle_;
  bool dumped_ = false;
};

}  // namespace

std::unique_ptr<Migration> prepare_runtime_move(const MoveRequest& request) {
  return std::make_unique<RuntimeMove>(request);
}

}  // namespace migbench
