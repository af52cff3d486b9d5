// Waiting that ends: whoever waits for the device looks from time to time whether the peer still
// lives, whether there was any progress, and whether the user has had enough.
#pragma once

#include <cstdint>

#include "bench/units.hpp"
#include "bench/verbs/control.hpp"
#include "bench/verbs/nudge.hpp"

namespace migbench::verbs {

/// One at a time.
class Watch {
 public:
  /// Without progress for `deadline` idle() throws.
  Watch(Control& control, Nanoseconds deadline);

  /// Something arrived: the deadline starts again.
  void progress() noexcept { progress_ = true; }
  /// An empty poll. Cheap: it looks around ten times a second.
  void idle() {
    if (nudge_.take()) look();
  }
  /// Throws Error where the peer is gone or has complained, at the deadline, and when interrupted.
  void look();
  /// Waits until `descriptor` can be read or the peer says something, 100 ms at the most, and looks
  /// around where it was not the descriptor. Whether it was.
  [[nodiscard]] bool wait(int descriptor);

 private:
  Control& control_;
  std::int64_t deadline_;
  std::int64_t since_ns_;
  bool progress_ = false;
  Nudge nudge_{};
};

}  // namespace migbench::verbs
