// One size, measured.
#pragma once

#include <cstdint>

#include "bench/recorder.hpp"
#include "bench/stopping.hpp"
#include "pingpong/buffer.hpp"
#include "pingpong/options.hpp"
#include "pingpong/team.hpp"

namespace migbench::pingpong {

/// The memory that messages are sent from and received into, made once for the largest size.
class MessageMemory {
 public:
  explicit MessageMemory(const Options& options);
  [[nodiscard]] Buffer& send() noexcept { return send_; }
  [[nodiscard]] Buffer& receive() noexcept { return receive_; }

 private:
  Buffer send_;
  Buffer receive_;
};

/// How a measurement went; the samples are in the recorder of the rank that starts.
struct Measured {
  std::int64_t per_sample = 1;  ///< iterations of a sample
  Stopped stopped = Stopped::not_yet;
  Nanoseconds spent{};
};

/// Collective over the players. `recorder` is used by ranks that start only.
[[nodiscard]] Measured measure(const Options& options, const Team& team, MessageMemory& memory,
                               Recorder& recorder, Bytes size);

}  // namespace migbench::pingpong
