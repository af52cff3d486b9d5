// The pass in which contents are checked, before a size is measured.
#pragma once

#include <optional>
#include <string>

#include "bench/verbs/traffic.hpp"

namespace migbench::verbs {

/// Rounds in turn from the client and from the server; both sides call it, and both get what either
/// of them found: "server, round 2, message 3: byte 17 of 4096 is wrong".
[[nodiscard]] std::optional<std::string> find_corruption(Connected& link, Traffic& traffic,
                                                         Bytes size);

}  // namespace migbench::verbs
