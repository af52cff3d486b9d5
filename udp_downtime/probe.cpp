#include "udp_downtime/probe.hpp"

#include <limits>
#include <thread>

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/random.h>

#include "bench/clock.hpp"
#include "bench/error.hpp"

namespace migbench::udp {
namespace {

// Time for both threads to be up before the first slot.
constexpr std::int64_t kRunUp_ns = 2'000'000;
// An open-ended run at 100 us lasts 1.9 hours in 1.6 GB, of which only what is used is taken.
constexpr std::size_t kOpenEndedPackets = std::size_t{1} << 26U;

std::size_t capacity_for(const ProbeOptions& options) {
  if (!options.duration) return kOpenEndedPackets;
  const auto slots = static_cast<std::size_t>(*options.duration / options.interval) + 1;
  if (slots > 4 * kOpenEndedPackets)
    throw InputError(fmt::format(
        "{} at an interval of {} are {} packets, which is more than a trace holds ({}); ask for a "
        "shorter duration or a longer interval",
        format_duration(*options.duration), format_duration(options.interval), slots,
        4 * kOpenEndedPackets));
  return slots;
}

void check(const ProbeOptions& options) {
  if (options.interval < kShortestInterval || options.interval > kLongestInterval)
    throw InputError(fmt::format("an interval of {} cannot be measured with: choose {} to {}",
                                 format_duration(options.interval),
                                 format_duration(kShortestInterval),
                                 format_duration(kLongestInterval)));
  if (options.duration && *options.duration < options.interval)
    throw InputError("the duration must be at least one interval");
}

std::uint64_t random_session() {
  std::uint64_t session = 0;
  if (::getrandom(&session, sizeof session, 0) != static_cast<ssize_t>(sizeof session))
    throw system_error("cannot draw a session number");
  return session;
}

Descriptor client_socket(const Endpoint& server) {
  // Not connected: a connected socket reports "connection refused" in place of sending, and the
  // slot would be lost to the probe's own making.
  Descriptor socket =
      bound_socket(numeric_endpoint(server.family() == AF_INET6 ? "::" : "0.0.0.0", 0));
  (void)grow_buffer(socket.get(), SO_SNDBUF, 4 << 20);
  return socket;
}

}  // namespace

struct Probe::State {
  ProbeOptions options;
  std::shared_ptr<TraceStore> store;
  Descriptor socket;
  Progress progress;
  ProbeRun run;
  SenderPlan send_plan;
  ReceiverPlan receive_plan;
  std::thread sender;
  std::thread receiver;

  ~State() { stop(); }
  void stop() {
    progress.stop_sending = true;
    if (sender.joinable()) sender.join();
    progress.stop_receiving = true;
    if (receiver.joinable()) receiver.join();
  }
};

Probe::Probe(const ProbeOptions& options) : state_(std::make_unique<State>()) {
  check(options);
  State& s = *state_;
  s.options = options;
  s.store = std::make_shared<TraceStore>(capacity_for(options));
  s.socket = client_socket(options.server);
  s.run.session = random_session();
  s.run.receive_buffer = grow_buffer(s.socket.get(), SO_RCVBUF, kSocketBuffer);
  s.run.kernel_stamps = enable_stamps(s.socket.get());
  // On fault: the trace's whole reservation must not become memory.
  s.run.memory_locked = ::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
  s.run.wall = measure_wall_offset();
  s.receive_plan = {.socket = s.socket.get(),
                    .server = options.server,
                    .session = s.run.session,
                    .wall = s.run.wall,
                    .timeout = options.timeout};
  s.receiver =
      std::thread([&s] { s.run.receiver = receive_replies(s.receive_plan, *s.store, s.progress); });
  s.run.start_ns = deadline_now_ns() + kRunUp_ns;
  s.send_plan = {.socket = s.socket.get(),
                 .server = options.server,
                 .session = s.run.session,
                 .interval = options.interval,
                 .start_ns = s.run.start_ns,
                 .end_ns = options.duration ? s.run.start_ns + options.duration->count()
                                            : std::numeric_limits<std::int64_t>::max()};
  s.sender = std::thread([&s] { s.run.sender = send_packets(s.send_plan, *s.store, s.progress); });
}

Probe::~Probe() = default;

std::uint64_t Probe::answered() const noexcept {
  return state_->progress.answered.load(std::memory_order_relaxed);
}

bool Probe::sender_done() const noexcept {
  return state_->progress.sender_done.load(std::memory_order_acquire);
}

ProbeRun Probe::finish() {
  State& s = *state_;
  s.progress.stop_sending = true;
  s.sender.join();
  s.run.sent = s.progress.sent.load();
  const std::int64_t patience = deadline_now_ns() + s.options.drain.count();
  while (answered() < s.run.sent && deadline_now_ns() < patience)
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  s.stop();
  s.run.end_ns = deadline_now_ns();
  s.run.answered = answered();
  s.run.wall_step_ns = step_between(s.run.wall, measure_wall_offset());
  s.run.store = s.store;
  return s.run;
}

}  // namespace migbench::udp
