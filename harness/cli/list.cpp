#include <algorithm>
#include <array>
#include <memory>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "bench/table.hpp"
#include "harness/cli/subcommand.hpp"
#include "harness/environment/environment.hpp"
#include "harness/migration/technique.hpp"
#include "harness/plan/plan.hpp"
#include "harness/programs.hpp"
#include "harness/report/report.hpp"
#include "harness/workload/workload.hpp"

namespace migbench {
namespace {

using nlohmann::json;

json entry(std::string_view name, std::string_view summary, const Support& no) {
  return {{"name", name},
          {"summary", summary},
          {"supported", !no.has_value()},
          {"reason", no ? no->reason : ""},
          {"remedy", no ? no->remedy : ""}};
}

json environments() {
  json list = json::array();
  for (const auto* item : Registry<Environment>::instance().all()) {
    list.push_back(entry(item->name(), item->summary(), item->check(nullptr)));
    list.back()["parameters"] = item->parameters();
  }
  return list;
}

json workloads() {
  json list = json::array();
  for (const auto* item : Registry<Workload>::instance().all()) {
    list.push_back(entry(item->name(), item->summary(), item->check(nullptr)));
    list.back()["defaults"] = item->defaults();
  }
  return list;
}

json techniques() {
  json list = json::array();
  for (const auto* item : Registry<Technique>::instance().all()) {
    list.push_back(entry(item->name(), item->summary(), item->check(nullptr)));
    list.back()["parameters"] = item->parameters();
    list.back()["environments"] = item->environments();
    list.back()["changes_node"] = item->changes_node();
  }
  return list;
}

json sites() {
  json list = json::array();
  for (const auto* item : Registry<SiteKind>::instance().all())
    list.push_back(entry(item->name(), item->summary(), item->check({{"kind", item->name()}})));
  return list;
}

json formats() {
  json list = json::array();
  for (const auto* item : Registry<ReportFormat>::instance().all())
    list.push_back(entry(item->name(), item->summary(), {}));
  return list;
}

/// A shipped plan that cannot be read is worth knowing of, and no reason to list nothing else.
json plan_entry(const std::string& name) {
  try {
    return entry(name, read_plan(load_plan(name)).text.document.value("description", ""), {});
  } catch (const InputError& error) {
    return entry(name, "", Unsupported{error.what(), "mend the file"});
  }
}

json plans() {
  std::set<std::string> names;
  for (const auto& directory : shared_directories("plans"))
    for (const auto& file : std::filesystem::directory_iterator(directory))
      if (file.path().extension() == ".json") names.insert(file.path().stem().string());
  json list = json::array();
  for (const auto& name : names)
    list.push_back(plan_entry(name));
  return list;
}

struct Kind {
  const char* name;
  json (*list)();
};
constexpr std::array<Kind, 6> kKinds{{{"environments", environments},
                                      {"workloads", workloads},
                                      {"techniques", techniques},
                                      {"sites", sites},
                                      {"formats", formats},
                                      {"plans", plans}}};

void print_kind(const std::string& kind, const json& list) {
  if (list.empty()) return;
  Table table({kind, "runs here", "what it is, and why not"});
  for (const auto& item : list) {
    auto text = item.at("summary").get<std::string>();
    const bool supported = item.at("supported").get<bool>();
    if (!supported)
      text = item.at("reason").get<std::string>() + "; " + item.at("remedy").get<std::string>();
    table.add({item.at("name"), supported ? "yes" : "no", text});
  }
  fmt::print("{}\n", table.text());
}

class ListCommand : public Subcommand {
 public:
  [[nodiscard]] std::string_view name() const override { return "list"; }
  [[nodiscard]] std::string_view summary() const override {
    return "Lists environments, workloads, techniques and more, and whether each can run here";
  }
  [[nodiscard]] std::string_view example() const override {
    return "  migbench list\n"
           "  migbench list techniques --json | jq '.techniques[] | select(.supported) | .name'";
  }
  [[nodiscard]] std::function<ExitCode()> define(CLI::App& app,
                                                 const CommandLine& /*line*/) const override {
    struct Options {
      std::vector<std::string> kinds;
      bool as_json = false;
    };
    auto options = std::make_shared<Options>();
    std::vector<std::string> names;
    for (const auto& kind : kKinds)
      names.emplace_back(kind.name);
    app.add_option("kind", options->kinds, "only these; default: all")
        ->type_name("KIND")
        ->check(CLI::IsMember(names));
    app.add_flag("--json", options->as_json, "one JSON document on standard output");
    return [options] {
      json document{{"schema", "migbench-list/1"}};
      for (const auto& kind : kKinds) {
        const auto& wanted = options->kinds;
        if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), kind.name) == wanted.end())
          continue;
        document[kind.name] = kind.list();
        if (!options->as_json) print_kind(kind.name, document[kind.name]);
      }
      if (options->as_json) fmt::print("{}\n", document.dump(1));
      return ExitCode::ok;
    };
  }
};
MIGBENCH_REGISTER(Subcommand, ListCommand);

}  // namespace
}  // namespace migbench
