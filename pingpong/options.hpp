// What the user asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "bench/stopping.hpp"
#include "bench/units.hpp"
#include "pingpong/pairs.hpp"

namespace migbench::pingpong {

enum class Mode { latency, bandwidth };
enum class Timing { iteration, batch };
enum class Calls { blocking, nonblocking };

inline constexpr std::size_t kAllSamples = std::numeric_limits<std::size_t>::max();
/// Above this size a message is "large": fewer iterations are asked for. The border and the numbers
/// of iterations below are those of the OSU micro-benchmarks, so that defaults are comparable.
inline constexpr Bytes kLargeMessage{8192};

struct Options {
  Mode mode = Mode::latency;
  Timing timing = Timing::iteration;
  Calls calls = Calls::blocking;
  std::vector<Bytes> sizes;
  std::vector<Pair> pairs{Pair{}};
  bool all_pairs = false;  ///< `pairs` is made from the number of ranks
  int window = 1;          ///< messages of a window; 1 in latency mode
  bool bidirectional = false;
  bool separate_buffers = false;           ///< every message of a window has its own
  std::optional<std::int64_t> warmup;      ///< iterations before each size
  std::optional<std::size_t> fewest;       ///< samples before the interval is looked at
  std::optional<std::int64_t> iterations;  ///< exactly so many, instead of adaptively
  std::int64_t batch = 0;                  ///< iterations of a batch; 0: automatic
  StoppingRule rule{};
  std::size_t keep = 1'000'000;     ///< raw samples kept in memory; a histogram past it
  std::size_t samples = 2000;       ///< raw samples of a size written to JSON
  int validate = 4;                 ///< validated iterations a size
  std::optional<std::string> json;  ///< a file, or "-"
};

/// Options, or the text of --help or --version.
struct Parsed {
  std::optional<Options> options;
  std::string text;
};

/// Throws InputError. Every rank gets the same answer, since all get the same arguments.
[[nodiscard]] Parsed parse_options(int argc, const char* const* argv);

/// The rule for one size: the user's, with the defaults that depend on the size.
[[nodiscard]] StoppingRule rule_for(const Options& options, Bytes size);
[[nodiscard]] std::int64_t warmup_for(const Options& options, Bytes size);

[[nodiscard]] const char* name(Mode mode);
[[nodiscard]] const char* name(Timing timing);
[[nodiscard]] const char* name(Calls calls);
/// For the record.
[[nodiscard]] nlohmann::json to_json(const Options& options);

}  // namespace migbench::pingpong
