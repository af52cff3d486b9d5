#include "harness/plan/cell.hpp"

#include <fmt/format.h>

#include "bench/sha256.hpp"

namespace migbench {

using nlohmann::json;

json Cell::settings() const {
  json all = defaults;
  all.update(parameters);
  return all;
}

std::string Cell::peers() const {
  return parameters.value(kPeers, environment);
}

std::string cell_id(const Cell& cell) {
  // A parameter that only repeats the default is the same cell. Keys are sorted by nlohmann::json.
  json own = json::object();
  for (const auto& [key, value] : cell.parameters.items())
    if (!cell.defaults.contains(key) || cell.defaults[key] != value) own[key] = value;
  const json identity{{"environment", cell.environment},
                      {"workload", cell.workload},
                      {"technique", cell.technique ? json(*cell.technique) : json()},
                      {"control", cell.control},
                      {"parameters", own},
                      {"migrations", cell.migrations},
                      {"probe", cell.probe}};
  auto prefix = cell.environment + "-" + cell.workload;
  if (cell.technique) prefix += "-" + *cell.technique;
  if (cell.control) prefix += "-control";
  for (auto& letter : prefix) {
    const bool plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                       (letter >= '0' && letter <= '9') || letter == '.' || letter == '_';
    if (!plain) letter = '-';
  }
  return fmt::format("{}-{}", prefix, sha256(identity.dump()).substr(0, 8));
}

json to_json(const Cell& cell) {
  return {{"id", cell.id},
          {"experiment", cell.experiment},
          {"environment", cell.environment},
          {"workload", cell.workload},
          {"technique", cell.technique ? json(*cell.technique) : json()},
          {"control", cell.control},
          {"parameters", cell.parameters},
          {"defaults", cell.defaults},
          {"migrations", cell.migrations},
          {"probe", cell.probe},
          {"settle_ns", cell.settle.count()},
          {"deadline_ns", cell.deadline.count()},
          {"repetitions",
           {{"fewest", cell.repetitions.fewest},
            {"most", cell.repetitions.most},
            {"relative_width", cell.repetitions.relative_width},
            {"failures", cell.repetitions.failures}}}};
}

Cell cell_from_json(const json& document) {
  Cell cell;
  cell.id = document.at("id");
  cell.experiment = document.at("experiment");
  cell.environment = document.at("environment");
  cell.workload = document.at("workload");
  if (!document.at("technique").is_null())
    cell.technique = document["technique"].get<std::string>();
  cell.control = document.at("control");
  cell.parameters = document.at("parameters");
  cell.defaults = document.at("defaults");
  cell.migrations = document.at("migrations");
  cell.probe = document.at("probe");
  cell.settle = Nanoseconds{document.at("settle_ns").get<std::int64_t>()};
  cell.deadline = Nanoseconds{document.at("deadline_ns").get<std::int64_t>()};
  const auto& repetitions = document.at("repetitions");
  cell.repetitions = {repetitions.at("fewest"), repetitions.at("most"),
                      repetitions.at("relative_width"), repetitions.at("failures")};
  return cell;
}

}  // namespace migbench
