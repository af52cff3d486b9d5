// The validation pass: messages with checked contents, apart from those that are timed.
#pragma once

#include <optional>
#include <string>

#include "pingpong/options.hpp"
#include "pingpong/team.hpp"

namespace migbench::pingpong {

/// Exchanges options.validate windows (single messages in latency mode) with the same calls as the
/// measurement, in both directions, every message of a window in a buffer of its own, and looks at
/// every byte that arrives. Collective over the players. Returns this rank's first finding, as "512
/// KiB message 3: byte 17 is wrong", or nothing where all is right.
[[nodiscard]] std::optional<std::string> find_corruption(const Options& options, const Team& team,
                                                         Bytes size);

}  // namespace migbench::pingpong
