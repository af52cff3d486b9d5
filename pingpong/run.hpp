// The whole program after its options are read.
#pragma once

#include <string>
#include <vector>

#include "pingpong/options.hpp"
#include "pingpong/session.hpp"

namespace migbench::pingpong {

/// Measures all sizes, prints the table and writes the document from rank 0. Returns the exit code,
/// the same on every rank: ok, or failed where contents were wrong or the document could not be
/// written. Throws InputError on every rank alike.
[[nodiscard]] int run(const Session& session, Options options,
                      const std::vector<std::string>& argv);

}  // namespace migbench::pingpong
