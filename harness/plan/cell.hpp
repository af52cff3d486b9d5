// One point of the expanded plan: what one trial runs, and how often.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "bench/units.hpp"

namespace migbench {

/// How often a cell is launched. Every launch is one observation: the noise between launches is
/// larger than the noise inside one.
struct Repetitions {
  std::size_t fewest = 6;       ///< good trials before the interval is looked at
  std::size_t most = 20;        ///< trials at the most, whatever came of them
  double relative_width = 0.1;  ///< of the 95 % interval of the median: narrow enough; 0: never
  std::size_t failures = 3;     ///< failed trials in a row after which the cell is given up
  friend bool operator==(const Repetitions&, const Repetitions&) = default;
};

/// The parameter that names the environment of all instances of a job but the last, which is the
/// one that is moved: "native" beside "kvm" is a job between a guest and a host.
inline constexpr const char* kPeers = "peers";

struct Cell {
  std::string id;          ///< "container-mpi-latency-3f2a9c1b": see cell_id()
  std::string experiment;  ///< the first experiment of the plan that asks for it
  std::string environment;
  std::string workload;
  std::optional<std::string> technique{};
  /// Runs like a migrated cell (echo server, probe, settle times), but nothing is moved.
  bool control = false;
  nlohmann::json parameters = nlohmann::json::object();  ///< what the plan asks for
  nlohmann::json defaults =
      nlohmann::json::object();  ///< all that the workload reads, with its defaults
  int migrations = 0;            ///< moves in one trial; 0 without a technique
  nlohmann::json probe{};        ///< settings of the downtime probe; null: none runs

  Repetitions repetitions{};
  Nanoseconds deadline{std::chrono::seconds{60}};      ///< of one trial, without bringing up
  Nanoseconds settle{std::chrono::milliseconds{500}};  ///< before, between and after the moves

  /// The defaults overlaid by the parameters: what a workload is given.
  [[nodiscard]] nlohmann::json settings() const;
  /// Of all instances but the last: its own environment unless the parameters say otherwise.
  [[nodiscard]] std::string peers() const;
};

/// A readable prefix and eight hexadecimal digits of the SHA-256 of the cell's own identity:
/// environment, workload, technique, control, parameters that differ from the defaults, migrations
/// and probe. The same cell has the same id in every plan; repetitions and deadlines do not count.
[[nodiscard]] std::string cell_id(const Cell& cell);

/// {"id", "experiment", "environment", "workload", "technique" (or null), "control", "parameters",
/// "defaults", "migrations", "probe", "settle_ns", "deadline_ns", "repetitions": {...}}.
[[nodiscard]] nlohmann::json to_json(const Cell& cell);
/// The reverse, for JSON that has passed the schema.
[[nodiscard]] Cell cell_from_json(const nlohmann::json& document);

}  // namespace migbench
