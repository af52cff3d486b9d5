// One probe run: sender and receiver threads over one socket, from start to the last reply.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "udp_downtime/receiver.hpp"
#include "udp_downtime/sender.hpp"

namespace migbench::udp {

inline constexpr Nanoseconds kDefaultInterval{100'000};
/// The paper's: "a packet with a sequence number every 500 us".
inline constexpr Nanoseconds kPaperInterval{500'000};
inline constexpr Nanoseconds kShortestInterval{10'000};
inline constexpr Nanoseconds kLongestInterval{1'000'000'000};

struct ProbeOptions {
  Endpoint server;
  Nanoseconds interval = kDefaultInterval;
  std::optional<Nanoseconds> duration;  ///< empty: until finish() is called
  Nanoseconds drain =
      std::chrono::seconds{1};  ///< how long replies are awaited after the last send
  Nanoseconds timeout = std::chrono::seconds{60};  ///< see ReceiverPlan::timeout
};

/// All that a run left behind.
struct ProbeRun {
  std::shared_ptr<const TraceStore> store;
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  std::uint64_t session = 0;
  std::int64_t start_ns = 0;  ///< of the first slot, deadline clock
  std::int64_t end_ns = 0;    ///< the receiver has stopped
  SenderReport sender;
  ReceiverReport receiver;
  WallOffset wall;                ///< used to convert receive stamps
  std::int64_t wall_step_ns = 0;  ///< by how much the wall clock was stepped meanwhile
  bool kernel_stamps = false;
  bool memory_locked = false;
  int receive_buffer = 0;  ///< bytes granted

  [[nodiscard]] std::span<const PacketTimes> trace() const { return store->first(sent); }
};

/// Sends from construction to finish(), or to the end of the duration.
class Probe {
 public:
  /// Throws InputError for an interval that cannot be held, Error where there is no socket.
  explicit Probe(const ProbeOptions& options);
  ~Probe();
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;
  Probe(Probe&&) = delete;
  Probe& operator=(Probe&&) = delete;

  [[nodiscard]] std::uint64_t answered() const noexcept;
  /// Whether the sender has come to its end by itself.
  [[nodiscard]] bool sender_done() const noexcept;
  /// Stops sending, waits for what is still under way (at most options.drain) and returns it all.
  /// To be called once.
  [[nodiscard]] ProbeRun finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace migbench::udp
