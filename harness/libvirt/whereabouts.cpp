#include <migbench_have.hpp>
#if MIGBENCH_HAVE_LIBVIRT

#include <array>
#include <filesystem>
#include <thread>

#include <fmt/format.h>

#include "bench/clock.hpp"
#include "harness/libvirt/whereabouts.hpp"

namespace migbench::libvirt {

namespace {

// After a destination's death libvirt needs its keep-alive (5 s) to notice, then cleans up.
constexpr Nanoseconds kSettleDeadline = std::chrono::seconds(12);

int state_at(const Machine& machine, Node& node) {
  try {
    const auto domain = machine.host(node).connection->find(machine.domain_name());
    return domain ? domain->state() : VIR_DOMAIN_NOSTATE;
  } catch (const Error&) {
    return VIR_DOMAIN_NOSTATE;  // no daemon there
  }
}

void resume_at(const Machine& machine, Node& node) {
  if (const auto domain = machine.host(node).connection->find(machine.domain_name()))
    virDomainResume(domain->get());
}

bool in_one_place(const Whereabouts& at) {
  return (at.source == VIR_DOMAIN_RUNNING) != (at.destination == VIR_DOMAIN_RUNNING) &&
         (at.source == VIR_DOMAIN_NOSTATE || at.destination == VIR_DOMAIN_NOSTATE);
}

}  // namespace

Whereabouts settle_whereabouts(const Machine& machine, Node& source, Node& destination) {
  const std::int64_t deadline = deadline_now_ns() + kSettleDeadline.count();
  Whereabouts at;
  for (;;) {
    at = {state_at(machine, source), state_at(machine, destination)};
    const bool gone = at.source == VIR_DOMAIN_NOSTATE && at.destination == VIR_DOMAIN_NOSTATE;
    if (in_one_place(at) || gone || deadline_now_ns() > deadline) return at;
    if (at.source == VIR_DOMAIN_PAUSED && at.destination == VIR_DOMAIN_NOSTATE)
      resume_at(machine, source);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

std::string last_words(const Machine& machine, Node& node) {
  try {
    const Host& host = machine.host(node);
    const std::filesystem::path logs =
        host.daemon ? host.daemon->directory() / "log" : "/var/log/libvirt";
    const auto file = logs / "qemu" / (machine.domain_name() + ".log");
    const Finished tail = node.run({{"tail", "-n", "3", file.string()}}, std::chrono::seconds(5));
    const auto end = tail.out.find_last_not_of(" \n");
    if (!tail.ok() || end == std::string::npos) return {};
    return fmt::format("QEMU on {} said: {}", node.name(), tail.out.substr(0, end + 1));
  } catch (const Error&) {
    return {};  // the node or its daemon is gone, too
  }
}

std::string state_name(int state) {
  constexpr std::array<const char*, 8> names{"absent",   "running",  "blocked", "paused",
                                             "stopping", "shut off", "crashed", "suspended"};
  const auto index = static_cast<std::size_t>(state);
  return index < names.size() ? names[index] : "unknown";
}

}  // namespace migbench::libvirt

#endif
