// Technique `sigstop`: stops every process of a container by a signal and lets it go on after
// `duration`. Nothing is moved; what is measured is what a pause by signals costs beside one by the
// freezer.
#include <thread>

#include "bench/clock.hpp"
#include "harness/migration/technique.hpp"

namespace migbench {
namespace {

class Sigstop : public Technique {
  class Pause : public Migration {
   public:
    explicit Pause(const MoveRequest& request)
        : request_(request),
          duration_(parse_duration(request.parameters.value("duration", "200ms"))) {}

    MoveResult move() override {
      MoveResult result;
      result.request_ns = deadline_now_ns();
      send("-STOP", result);
      std::this_thread::sleep_for(duration_);
      send("-CONT", result);
      result.done_ns = deadline_now_ns();
      return result;
    }

   private:
    // Every process of the container but its first, this shell and what started it.
    void send(const char* signal, MoveResult& result) {
      const std::string script = fmt::format(
          "for p in /proc/[0-9]*; do p=${{p#/proc/}}; [ $p != 1 ] && [ $p != $$ ] && [ $p != $PPID "
          "] && kill {} $p; "
          "done; true",
          signal);
      const std::int64_t start = deadline_now_ns();
      const auto sent = request_.instance->run({{"sh", "-c", script}}, request_.deadline);
      if (!sent.ok()) throw Error(describe(sent));
      result.phases.push_back(
          {signal == std::string_view("-STOP") ? "freeze" : "thaw", start, deadline_now_ns()});
    }

    MoveRequest request_;
    Nanoseconds duration_;
  };

 public:
  std::string_view name() const override { return "sigstop"; }
  std::string_view summary() const override {
    return "every process stopped and continued by a signal";
  }
  std::vector<std::string_view> environments() const override { return {"container"}; }
  Support check(const Site* /*site*/) const override { return {}; }
  std::vector<std::string_view> parameters() const override { return {"duration"}; }
  bool changes_node() const override { return false; }
  std::unique_ptr<Migration> prepare(const MoveRequest& request) const override {
    return std::make_unique<Pause>(request);
  }
};

MIGBENCH_REGISTER(Technique, Sigstop);

}  // namespace
}  // namespace migbench
