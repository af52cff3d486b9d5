// The technique `freeze`: the control group's freezer stops the workload for a set time and lets it
// go on where it is. Whatever truly moves a workload has to stop it, too; this is the floor.
#include <fmt/format.h>
#include <poll.h>

#include "bench/clock.hpp"
#include "bench/error.hpp"
#include "harness/environment/container.hpp"
#include "harness/environment/native.hpp"
#include "harness/migration/technique.hpp"
#include "harness/site/nodes/cgroup.hpp"

namespace migbench {
namespace {

constexpr std::string_view kDefaultDuration = "200ms";

/// The control group of all that runs in the instance; empty where there is none.
std::filesystem::path group_of(const Instance& instance) {
  if (const auto* container = dynamic_cast<const ContainerInstance*>(&instance))
    return container->shell().cgroup();
  if (dynamic_cast<const NativeInstance*>(&instance) != nullptr) {
    if (const auto* node = as_local(&instance.node())) return node->cgroup();
  }
  return {};
}

Nanoseconds duration_of(const nlohmann::json& parameters) {
  const auto value = parameters.value("duration", nlohmann::json(kDefaultDuration));
  if (!value.is_string())
    throw InputError("duration: a text with its unit is needed, for example \"200ms\"");
  const Nanoseconds duration = parse_duration(value.get<std::string>());
  if (duration <= Nanoseconds(0)) throw InputError("duration: more than nothing is needed");
  return duration;
}

void sleep_until(std::int64_t deadline_ns) {
  const timespec until{.tv_sec = static_cast<time_t>(deadline_ns / 1'000'000'000),
                       .tv_nsec = static_cast<long>(deadline_ns % 1'000'000'000)};
  while (::clock_nanosleep(kDeadlineClock, TIMER_ABSTIME, &until, nullptr) == EINTR) {
  }
}

class Freezing : public Migration {
 public:
  Freezing(std::filesystem::path group, Nanoseconds duration, Nanoseconds deadline)
      : group_(std::move(group)), duration_(duration), deadline_(deadline) {}

  // A workload must never stay frozen, also where an exception came in between.
  ~Freezing() override {
    if (!frozen_) return;
    try {
      thaw_cgroup(group_, deadline_);
    } catch (const std::exception& error) {
      fmt::print(stderr, "migbench: {}\n", error.what());
    }
  }

  [[nodiscard]] MoveResult move() override {
    MoveResult result;
    result.facts = {{"cgroup", group_.string()}, {"duration_ns", duration_.count()}};
    result.request_ns = deadline_now_ns();
    frozen_ = true;
    try {
      freeze_cgroup(group_, deadline_);
    } catch (const Error& error) {
      result.moved = false;
      result.reason = error.what();
    }
    const std::int64_t frozen_ns = deadline_now_ns();
    if (result.moved) sleep_until(frozen_ns + duration_.count());
    const std::int64_t thaw_ns = deadline_now_ns();
    thaw_cgroup(group_, deadline_);
    frozen_ = false;
    result.done_ns = deadline_now_ns();
    result.phases = {{.name = "freeze", .start_ns = result.request_ns, .end_ns = frozen_ns},
                     {.name = "frozen", .start_ns = frozen_ns, .end_ns = thaw_ns},
                     {.name = "thaw", .start_ns = thaw_ns, .end_ns = result.done_ns}};
    return result;
  }

 private:
  std::filesystem::path group_;
  Nanoseconds duration_, deadline_;
  bool frozen_ = false;
};

class Freeze : public Technique {
 public:
  [[nodiscard]] std::string_view name() const override { return "freeze"; }
  [[nodiscard]] std::string_view summary() const override {
    return "stopped for a set time by the cgroup freezer and let go on: the floor of all others";
  }
  [[nodiscard]] std::vector<std::string_view> environments() const override {
    return {"container", "native"};
  }
  [[nodiscard]] std::vector<std::string_view> parameters() const override { return {"duration"}; }
  [[nodiscard]] bool changes_node() const override { return false; }

  [[nodiscard]] Support check(const Site* site) const override {
    std::string why;
    if (site == nullptr) {
      if (find_cgroup_root(why)) return std::nullopt;
    } else if (const LocalSite* local = as_local(site); local == nullptr) {
      why = "the nodes are not virtual nodes, whose control groups are at hand";
    } else if (!local->cgroup().empty()) {
      return std::nullopt;
    } else {
      why = local->cgroup_reason();
    }
    return Unsupported{.reason = "no control group can be frozen: " + why,
                       .remedy = "run as root on a local site where cgroup v2 is mounted writable"};
  }

  [[nodiscard]] std::unique_ptr<Migration> prepare(const MoveRequest& request) const override {
    auto group = group_of(*request.instance);
    if (group.empty())
      throw Error(fmt::format("freeze: {} has no control group", request.instance->name()));
    return std::make_unique<Freezing>(std::move(group), duration_of(request.parameters),
                                      request.deadline);
  }
};

MIGBENCH_REGISTER(Technique, Freeze);

}  // namespace
}  // namespace migbench
