#include "bench/verbs/watch.hpp"

#include <array>

#include <fmt/format.h>
#include <poll.h>

#include "bench/clock.hpp"
#include "bench/error.hpp"
#include "bench/program.hpp"

namespace migbench::verbs {

Watch::Watch(Control& control, Nanoseconds deadline)
    : control_(control), deadline_(deadline.count()), since_ns_(deadline_now_ns()) {}

void Watch::look() {
  if (interrupted()) throw Error("interrupted");
  const std::int64_t now = deadline_now_ns();
  if (progress_) since_ns_ = now;
  progress_ = false;
  (void)control_.has_message();  // throws where the peer is gone or has failed
  if (now - since_ns_ > deadline_) {
    throw Error(fmt::format(
        "nothing arrived for {}, though the peer's connection is open: messages were lost, or the "
        "peer is stopped (--deadline sets how long to wait)",
        format_duration(Nanoseconds{deadline_})));
  }
}

bool Watch::wait(int descriptor) {
  std::array<pollfd, 2> wanted{{{descriptor, POLLIN, 0}, {control_.descriptor(), POLLIN, 0}}};
  (void)::poll(wanted.data(), wanted.size(), 100);
  if (wanted[0].revents != 0) return true;
  look();
  return false;
}

}  // namespace migbench::verbs
