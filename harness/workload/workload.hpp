// What is run, as a user would run it by hand: a command line and the meaning of what it prints.
// One file each.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/error.hpp"
#include "harness/site/site.hpp"

namespace migbench {

enum class Better { lower, higher };

/// One number of a trial, made from that launch's raw samples (a median over its iterations, say).
/// Statistics over trials treat it as one observation.
struct Metric {
  std::string name;  ///< "latency", "bandwidth", "downtime"
  nlohmann::json point =
      nlohmann::json::object();  ///< what it belongs to inside the trial: {"size": 8}
  double value = 0;
  std::string unit;  ///< "us", "MB/s", "Mop/s", "ms"
  Better better = Better::lower;
};

/// What has to be started for one trial.
struct Job {
  /// Ranks of an MPI job; 0: one plain process in the first instance; empty program: nothing but
  /// the echo server.
  int ranks = 0;
  /// How many instances the ranks are spread over, in blocks (rank 0 on the first).
  int instances = 1;
  Command program{};
  std::string transport = "auto";
  std::vector<std::string> mca{};
  /// Its program takes "--ready FILE --while FILE" as last words: it makes the one when its work
  /// has begun, and does not end before the other is gone. So it lasts as long as the moves do.
  bool can_last = false;
  /// "free", "socket" or "core" (see placement/seat.hpp): every rank is started through
  /// migbench-pin, which places it and leaves the evidence. Empty: it is started as it is.
  std::string placement{};
  /// What the program starts by itself, and an environment with files of its own has to be given.
  std::vector<std::filesystem::path> programs{};
  /// Lines of standard output that hold these texts say that the measured part begins and has
  /// ended; a move is made between them. Empty: the program does not say.
  std::string begins{};
  std::string ends{};
  /// For a plain process with a peer: started first, in the last instance; it says "listening" when
  /// it is ready, and ends with its client. "{server}" in the program's words becomes that
  /// instance's address.
  Command server{};
};

class Workload {
 public:
  virtual ~Workload() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual std::string_view summary() const = 0;
  [[nodiscard]] virtual Support check(const Site* site) const = 0;
  /// The cell's parameters that it reads, with their defaults.
  [[nodiscard]] virtual nlohmann::json defaults() const = 0;
  /// `parameters`: the defaults overlaid by the cell's. Throws InputError for a bad one.
  [[nodiscard]] virtual Job job(const nlohmann::json& parameters) const = 0;
  /// Reads what the job printed. Throws Error where it is not what was expected, for example failed
  /// verification.
  [[nodiscard]] virtual std::vector<Metric> metrics(const nlohmann::json& parameters,
                                                    const Finished& finished) const = 0;
  /// The driver's own JSON document, to be kept whole in the record; null where there is none.
  [[nodiscard]] virtual nlohmann::json document(const Finished& finished) const = 0;
};

}  // namespace migbench
