// What the client alone decides and does: how long to measure, and what to keep.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "bench/stopping.hpp"
#include "bench/units.hpp"
#include "bench/verbs/settings.hpp"

namespace migbench::verbs {

struct Plan {
  StoppingRule rule{};
  std::optional<std::size_t> fewest{};       ///< samples before the interval is looked at
  std::optional<std::int64_t> warmup{};      ///< messages before each size that are not measured
  std::optional<std::int64_t> iterations{};  ///< exactly so many samples, instead of adaptively
  std::int64_t batch = 0;                    ///< bandwidth: messages of a sample; 0: automatic
  std::size_t keep = 1'000'000;              ///< raw samples kept in memory; a histogram past it
  std::size_t samples = 2000;                ///< raw samples of a size written to JSON
};

/// The rule for one size: the user's, with the defaults that depend on mode and size.
[[nodiscard]] StoppingRule rule_for(const Plan& plan, Mode mode, Bytes size);
[[nodiscard]] std::int64_t warmup_for(const Plan& plan, Mode mode, Bytes size);

}  // namespace migbench::verbs
