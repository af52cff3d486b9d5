// Which exchange the options mean: decided once, outside every loop.
#pragma once

#include "pingpong/exchange.hpp"
#include "pingpong/options.hpp"

namespace migbench::pingpong {

/// Calls use(exchange) with the exchange of exchange.hpp that a rank of this role runs.
template <class Use>
void with_exchange(const Options& options, bool starts, const Link& link, Use use) {
  const bool blocking = options.calls == Calls::blocking;
  if (options.mode == Mode::latency) {
    if (blocking) {
      starts ? use(BlockingPing{link}) : use(BlockingPong{link});
    } else {
      starts ? use(NonblockingPing{link}) : use(NonblockingPong{link});
    }
  } else if (options.bidirectional) {
    blocking ? use(BlockingWindowBoth{link}) : use(NonblockingWindowBoth{link});
  } else if (blocking) {
    starts ? use(BlockingWindowSend{link}) : use(BlockingWindowReceive{link});
  } else {
    starts ? use(NonblockingWindowSend{link}) : use(NonblockingWindowReceive{link});
  }
}

}  // namespace migbench::pingpong
