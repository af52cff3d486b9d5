#include "harness/plan/expand.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "bench/error.hpp"
#include "harness/environment/environment.hpp"
#include "harness/migration/technique.hpp"
#include "harness/plan/suggest.hpp"
#include "harness/workload/workload.hpp"

namespace migbench {
namespace {

using nlohmann::json;

template <class Kind>
std::vector<std::string> known_names() {
  std::vector<std::string> names;
  for (const Kind* item : Registry<Kind>::instance().all())
    names.emplace_back(item->name());
  return names;
}

/// The parameters that the parts of one cell read.
struct Parts {
  const Environment* environment;
  const Workload* workload;
  const Technique* technique;  ///< may be null
  std::vector<const Environment*> peers{};

  [[nodiscard]] std::set<std::string> reads() const {
    std::set<std::string> keys{kPeers};
    for (const auto key : environment->parameters())
      keys.emplace(key);
    for (const Environment* peer : peers)
      for (const auto key : peer->parameters())
        keys.emplace(key);
    if (technique != nullptr)
      for (const auto key : technique->parameters())
        keys.emplace(key);
    const auto defaults = workload->defaults();
    for (const auto& [key, unused] : defaults.items())
      keys.insert(key);
    return keys;
  }
};

class Expansion {
 public:
  explicit Expansion(const Plan& plan) : plan_(plan) {}

  std::vector<Cell> run() {
    for (const auto& experiment : plan_.experiments)
      expand(experiment);
    if (cells_.empty())
      throw InputError(plan_.text.where("/experiments") + ": every cell is excluded");
    return std::move(cells_);
  }

 private:
  [[noreturn]] void fail(const std::string& pointer, const std::string& message) const {
    throw InputError(plan_.text.where(pointer) + ": " + message);
  }

  template <class Kind>
  const Kind* find(const std::string& name, std::string_view kind, const std::string& pointer,
                   std::size_t index) const {
    if (const Kind* found = Registry<Kind>::instance().find(name)) return found;
    const json::json_pointer place(pointer);
    const bool list = plan_.text.document.at(place).is_array();
    fail(list ? fmt::format("{}/{}", pointer, index) : pointer,
         fmt::format("there is no {} '{}'{}", kind, name, suggestion(name, known_names<Kind>())));
  }

  [[nodiscard]] std::vector<const Environment*> peers(const Experiment& experiment) const {
    std::vector<const Environment*> list;
    for (const auto& [key, values] : experiment.parameters) {
      if (key != kPeers) continue;
      const std::string at = experiment.pointer + "/parameters/" + kPeers;
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (!values[i].is_string()) fail(at, "the name of an environment is expected");
        list.push_back(find<Environment>(values[i].get<std::string>(), "environment", at, i));
      }
    }
    return list;
  }

  [[nodiscard]] std::vector<Parts> combinations(const Experiment& experiment) const {
    std::vector<Parts> list;
    const auto& at = experiment.pointer;
    const auto beside = peers(experiment);
    for (std::size_t e = 0; e < experiment.environments.size(); ++e) {
      for (std::size_t w = 0; w < experiment.workloads.size(); ++w) {
        for (std::size_t t = 0; t < experiment.techniques.size(); ++t) {
          const auto& technique = experiment.techniques[t];
          list.push_back(
              {find<Environment>(experiment.environments[e], "environment", at + "/environment", e),
               find<Workload>(experiment.workloads[w], "workload", at + "/workload", w),
               technique ? find<Technique>(*technique, "technique", at + "/technique", t) : nullptr,
               beside});
        }
      }
    }
    return list;
  }

  void expand(const Experiment& experiment) {
    const auto parts = combinations(experiment);
    refuse_unread(experiment, parts);
    excluded_.assign(experiment.exclude.size(), 0);
    for (const auto& combination : parts) {
      for (const auto& point : points(experiment, combination.reads())) {
        add(cell(experiment, combination, point, false), experiment);
        if (!experiment.control || combination.technique == nullptr) continue;
        auto without = combination;
        without.technique = nullptr;
        json read_without = json::object();
        for (const auto& key : without.reads())
          if (point.contains(key)) read_without[key] = point[key];
        add(cell(experiment, without, read_without, true), experiment);
      }
    }
    for (std::size_t i = 0; i < excluded_.size(); ++i) {
      if (excluded_[i] == 0)
        fail(fmt::format("{}/exclude/{}", experiment.pointer, i),
             "excludes no cell: is a name misspelt?");
    }
  }

  void refuse_unread(const Experiment& experiment, const std::vector<Parts>& parts) const {
    std::set<std::string> read;
    for (const auto& combination : parts)
      read.merge(combination.reads());
    for (const auto& [key, values] : experiment.parameters) {
      if (read.count(key) == 0)
        fail(experiment.pointer + "/parameters/" + key,
             fmt::format("no environment, technique or workload of this experiment reads '{}'{}",
                         key, suggestion(key, {read.begin(), read.end()})));
    }
  }

  /// The cartesian product of the values of those parameters that are read.
  static std::vector<json> points(const Experiment& experiment, const std::set<std::string>& read) {
    std::vector<json> list{json::object()};
    for (const auto& [key, values] : experiment.parameters) {
      if (read.count(key) == 0) continue;
      std::vector<json> longer;
      for (const auto& point : list) {
        for (const auto& value : values) {
          longer.push_back(point);
          longer.back()[key] = value;
        }
      }
      list = std::move(longer);
    }
    return list;
  }

  [[nodiscard]] Cell cell(const Experiment& experiment, const Parts& parts, const json& point,
                          bool control) const {
    Cell cell;
    cell.experiment = experiment.name;
    cell.environment = parts.environment->name();
    cell.workload = parts.workload->name();
    if (parts.technique != nullptr) cell.technique = std::string(parts.technique->name());
    cell.control = control;
    cell.parameters = point;
    if (cell.peers() == cell.environment) cell.parameters.erase(kPeers);
    cell.defaults = parts.workload->defaults();
    cell.migrations = parts.technique != nullptr ? experiment.migrations : 0;
    if (control || parts.technique != nullptr) cell.probe = experiment.probe;
    cell.repetitions = experiment.repetitions;
    cell.deadline = experiment.deadline;
    cell.settle = experiment.settle;
    check_values(cell, *parts.workload, experiment);
    cell.id = cell_id(cell);
    return cell;
  }

  void check_values(const Cell& cell, const Workload& workload,
                    const Experiment& experiment) const {
    try {
      const Job job = workload.job(cell.settings());
      if (cell.parameters.contains(kPeers) && job.instances < 2)
        throw InputError(fmt::format(
            "parameter \"{}\": the job has one instance, and nothing beside it", kPeers));
    } catch (const InputError& error) {
      fail(experiment.pointer + "/parameters",
           fmt::format("workload '{}': {}", cell.workload, error.what()));
    } catch (const json::exception& error) {
      // "[json.exception.type_error.302] type must be string, but is array": what is behind the
      // code.
      const std::string_view what = error.what();
      fail(experiment.pointer + "/parameters",
           fmt::format("workload '{}': a value is of the wrong type:{}", cell.workload,
                       what.substr(what.find(']') + 1)));
    } catch (const Error&) {
      // A missing program is no mistake of the plan: the cell will say that it is unsupported.
    }
  }

  void add(Cell cell, const Experiment& experiment) {
    bool leave_out = false;
    for (std::size_t i = 0; i < experiment.exclude.size(); ++i) {
      CellFilter filter;
      for (const auto& [key, value] : experiment.exclude[i].items())
        filter[key] = value.is_string() ? value.get<std::string>()
                      : value.is_null() ? "none"
                                        : value.dump();
      if (!matches(filter, cell)) continue;
      leave_out = true;
      ++excluded_[i];
    }
    if (leave_out) return;
    const auto same = std::find_if(cells_.begin(), cells_.end(),
                                   [&](const Cell& other) { return other.id == cell.id; });
    if (same == cells_.end()) {
      cells_.push_back(std::move(cell));
    } else if (!(same->repetitions == cell.repetitions) || same->deadline != cell.deadline ||
               same->settle != cell.settle) {
      fail(experiment.pointer,
           fmt::format("asks for the cell {} with other repetitions, deadline or settle time than "
                       "the experiment '{}' does: let them be equal",
                       cell.id, same->experiment));
    }
  }

  const Plan& plan_;
  std::vector<Cell> cells_;
  std::vector<std::size_t> excluded_;
};

}  // namespace

std::vector<Cell> expand(const Plan& plan) {
  return Expansion(plan).run();
}

}  // namespace migbench
