#include "harness/plan/plan.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bench/document.hpp"
#include "bench/error.hpp"
#include "harness/plan/schema.hpp"
#include "harness/plan/source_lines.hpp"
#include "harness/plan/suggest.hpp"
#include "harness/programs.hpp"

namespace migbench {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw InputError(fmt::format("{}: cannot be read: is the path right?", path.string()));
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

fs::path find_plan(const std::string& path_or_name) {
  if (fs::is_regular_file(path_or_name)) return path_or_name;
  std::set<std::string> known;
  for (const auto& directory : shared_directories("plans")) {
    const auto candidate = directory / (path_or_name + ".json");
    if (path_or_name.find('/') == std::string::npos && fs::is_regular_file(candidate))
      return candidate;
    for (const auto& entry : fs::directory_iterator(directory))
      if (entry.path().extension() == ".json") known.insert(entry.path().stem().string());
  }
  throw InputError(
      fmt::format("there is no plan '{}', neither as a file nor among the shipped ones{}",
                  path_or_name, suggestion(path_or_name, {known.begin(), known.end()})));
}

std::vector<std::string> names(const json& one_or_many) {
  if (one_or_many.is_string()) return {one_or_many.get<std::string>()};
  return one_or_many.get<std::vector<std::string>>();
}

std::vector<std::optional<std::string>> optional_names(const json& one_or_many) {
  std::vector<std::optional<std::string>> list;
  for (const auto& item : one_or_many.is_array() ? one_or_many : json::array({one_or_many})) {
    list.push_back(item.is_null() ? std::nullopt : std::optional(item.get<std::string>()));
  }
  return list;
}

std::vector<json> values(const json& parameter) {
  if (parameter.is_object()) return {parameter.at("value")};
  if (parameter.is_array()) return parameter.get<std::vector<json>>();
  return {parameter};
}

Repetitions repetitions(const json& settings, Repetitions inherited) {
  if (settings.is_number()) {
    const auto exactly = settings.get<std::size_t>();
    return {exactly, exactly, 0, inherited.failures};
  }
  Repetitions result;
  result.fewest = settings.value("fewest", inherited.fewest);
  // A `fewest` above the inherited `most` means more trials, not a contradiction.
  result.most = settings.value("most", std::max(inherited.most, result.fewest));
  if (settings.contains("most") && !settings.contains("fewest"))
    result.fewest = std::min(result.fewest, result.most);
  result.relative_width = settings.value("relative_width", inherited.relative_width);
  result.failures = settings.value("failures", inherited.failures);
  return result;
}

class Reader {
 public:
  explicit Reader(Plan& plan) : plan_(plan), document_(plan.text.document) {}

  void read() {
    plan_.name = document_.at("name");
    plan_.site = document_.at("site");
    if (document_.contains("seed")) plan_.seed = document_["seed"].get<std::uint64_t>();
    if (document_.contains("budget")) plan_.budget = duration(document_, "", "budget", {});
    Experiment inherited;
    inherited.deadline = std::chrono::seconds{60};
    inherited.settle = std::chrono::milliseconds{500};
    common(inherited, document_, "");
    std::set<std::string> seen;
    for (const auto& settings : document_.at("experiments")) {
      plan_.experiments.push_back(experiment(settings, inherited));
      if (const auto& name = plan_.experiments.back().name; !seen.insert(name).second)
        fail(plan_.experiments.back().pointer + "/name",
             fmt::format("there is already an experiment '{}'", name));
    }
  }

 private:
  [[noreturn]] void fail(const std::string& pointer, const std::string& message) const {
    throw InputError(plan_.text.where(pointer) + ": " + message);
  }

  Nanoseconds duration(const json& settings, const std::string& pointer, const char* key,
                       Nanoseconds otherwise) const {
    if (!settings.contains(key)) return otherwise;
    try {
      const auto value = parse_duration(settings.at(key).get<std::string>());
      if (value <= Nanoseconds{0} && std::string_view(key) != "settle")
        throw InputError(fmt::format("{} must be longer than nothing", key));
      return value;
    } catch (const InputError& error) {
      fail(pointer + "/" + key, error.what());
    }
  }

  /// What a plan says for all experiments, and an experiment for itself.
  void common(Experiment& to, const json& settings, const std::string& pointer) const {
    to.deadline = duration(settings, pointer, "deadline", to.deadline);
    to.settle = duration(settings, pointer, "settle", to.settle);
    if (!settings.contains("repetitions")) return;
    to.repetitions = repetitions(settings["repetitions"], to.repetitions);
    if (to.repetitions.fewest > to.repetitions.most)
      fail(pointer + "/repetitions", fmt::format("fewest ({}) is more than most ({})",
                                                 to.repetitions.fewest, to.repetitions.most));
  }

  [[nodiscard]] Experiment experiment(const json& settings, const Experiment& inherited) const {
    Experiment result = inherited;
    result.pointer = fmt::format("/experiments/{}", plan_.experiments.size());
    common(result, settings, result.pointer);
    result.name = settings.at("name");
    result.environments = names(settings.at("environment"));
    result.workloads = names(settings.at("workload"));
    result.techniques = optional_names(settings.value("technique", json()));
    const json parameters = settings.value("parameters", json::object());
    for (const auto& [key, value] : parameters.items())
      result.parameters[key] = values(value);
    result.exclude = settings.value("exclude", json::array());
    result.migrations = settings.value("migrations", 1);
    result.control = settings.value("control", false);
    if (settings.contains("probe")) result.probe = settings["probe"];
    for (const char* key : {"interval", "threshold"})
      if (result.probe.is_object())
        (void)duration(result.probe, result.pointer + "/probe", key, {});
    return result;
  }

  Plan& plan_;
  const json& document_;
};

}  // namespace

std::string PlanText::where(const std::string& pointer) const {
  for (auto at = pointer;; at.resize(at.rfind('/'))) {
    const std::string place = pointer.empty() ? "" : ": at " + pointer;
    if (const auto set = overridden.find(at); set != overridden.end())
      return fmt::format("{} (changed by --set {}){}", origin, set->second, place);
    if (const auto line = lines.find(at); line != lines.end())
      return fmt::format("{}:{}{}", origin, line->second, place);
    if (at.empty()) return origin + place;
  }
}

PlanText parse_plan_text(const std::string& text, const std::string& origin) {
  PlanText result{origin, parse_json(text, origin, true)};
  result.lines = source_lines(text, origin);
  return result;
}

PlanText load_plan(const std::string& path_or_name) {
  const auto path = find_plan(path_or_name);
  return parse_plan_text(read_text(path), path.string());
}

Plan read_plan(PlanText text) {
  Plan plan;
  plan.text = std::move(text);
  std::string mistakes;
  for (const auto& [pointer, message] : check_schema(published_schema("plan"), plan.text.document))
    mistakes += (mistakes.empty() ? "" : "\n") + plan.text.where(pointer) + ": " + message;
  if (!mistakes.empty()) throw InputError(mistakes);
  Reader(plan).read();
  return plan;
}

}  // namespace migbench
