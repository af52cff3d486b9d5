// What a user may get wrong, and the part of the message that helps.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "bench/error.hpp"
#include "harness/programs.hpp"
#include "tests/catch.hpp"
#include "tests/plan/plans.hpp"

using namespace migbench;
using namespace migbench::testing;

namespace {

struct Mistake {
  const char* set;  ///< applied to kPlan
  std::vector<const char*> said;
};

std::string complaint(const std::string& text, const std::vector<std::string>& sets = {}) {
  return message_of([&] { (void)cells_of(text, sets); });
}

}  // namespace

TEST_CASE("a wrong value is named with its place and what is allowed") {
  const std::vector<Mistake> mistakes{
      {"schema=migbench-plan/9", {"/schema", "'migbench-plan/9'", "migbench-plan/1"}},
      {"name=has blank", {"/name", "'has blank'", "letters"}},
      {"name=5", {"/name", "5 is of type integer", "string"}},
      {"nam=x", {"/nam", "'nam' is not known here", "did you mean 'name'?"}},
      {"site={}", {"/site", "'kind' is missing"}},
      {"site=local", {"/site", "allowed: object"}},
      {"seed=-1", {"/seed", "-1 is too small"}},
      {"seed=1.5", {"/seed", "1.5 is of type number", "integer"}},
      {"seed=9007199254740993", {"/seed", "too large"}},
      {"budget=10", {"/budget", "of type integer"}},
      {"budget=10 minutes", {"/budget", "'10 minutes'", "'10min'"}},
      {"budget=0s", {"/budget", "longer than nothing"}},
      {"deadline=0s", {"/deadline", "longer than nothing"}},
      {"settle=soon", {"/settle", "'soon'"}},
      {"repetitions=0", {"/repetitions", "0 is too small"}},
      {"repetitions=many", {"/repetitions", "of type string", "integer, object"}},
      {"repetitions.fewest=0", {"/repetitions/fewest", "too small"}},
      {"repetitions.fewst=3", {"/repetitions/fewst", "did you mean 'fewest'?"}},
      {"repetitions={\"fewest\":9,\"most\":3}", {"/repetitions", "fewest (9)", "most (3)"}},
      {"repetitions.relative_width=-0.1", {"/repetitions/relative_width", "too small"}},
      {"compare.margin=0", {"/compare/margin", "must be more than 0"}},
      {"compare.baseline={}", {"/compare/baseline", "'environment' is missing"}},
      {"experiments=[]", {"/experiments", "too short"}},
      {"experiments.0.workload=fake-wrok",
       {"/experiments/0/workload", "there is no workload 'fake-wrok'",
        "did you mean 'fake-work'?"}},
      {"experiments.0.environment=[\"fake\",\"xen\"]",
       {"/experiments/0/environment/1", "there is no environment 'xen'", "allowed: ", "fake-bare"}},
      {"experiments.0.environment=[\"fake\",\"fake\"]", {"/experiments/0/environment/1", "twice"}},
      {"experiments.0.environment=[]", {"/experiments/0/environment", "too short"}},
      {"experiments.0.environment=[3]", {"/experiments/0/environment/0", "3 is of type integer"}},
      {"experiments.0.technique=moove",
       {"/experiments/0/technique", "there is no technique 'moove'"}},
      {"experiments.0.parameters.sise=3",
       {"/experiments/0/parameters/sise", "reads 'sise'", "did you mean 'size'?", "memory"}},
      {"experiments.0.parameters.size=[]", {"/experiments/0/parameters/size", "too short"}},
      {"experiments.0.parameters.size={\"valu\":1}", {"/experiments/0/parameters/size"}},
      {"experiments.0.parameters.instances=two",
       {"/experiments/0/parameters", "workload 'fake-work'", "instances must be a number"}},
      {"experiments.0.parameters.status={\"value\":[1]}",
       {"/experiments/0/parameters", "workload 'fake-work'", "type must be number"}},
      {"experiments.0.probe.intervall=1ms", {"did you mean 'interval'?"}},
      {"experiments.0.probe.interval=0us", {"/experiments/0/probe/interval", "longer"}},
      {"experiments.0.migrations=0", {"/experiments/0/migrations", "too small"}},
      {"experiments.0.exclude=[{}]", {"/experiments/0/exclude/0", "empty"}},
      {"experiments.0.exclude=[{\"environment\":\"kvm\"}]",
       {"/experiments/0/exclude/0", "excludes no cell"}},
      {"experiments.0.exclude=[{\"environment\":\"*\"}]", {"every cell is excluded"}},
      {"experiments.1.name=x", {"--set experiments.1.name=x", "no '1'", "one"}},
      {"site.kind.x=1", {"--set site.kind.x=1", "/site/kind is string"}},
      {"site", {"--set site", "PATH=VALUE"}},
      {"a..b=1", {"--set a..b=1", "empty"}},
  };
  for (const auto& mistake : mistakes) {
    const auto message = complaint(kPlan, {mistake.set});
    INFO(mistake.set << " gave: " << message);
    for (const auto* part : mistake.said)
      CHECK(message.find(part) != std::string::npos);
  }
}

TEST_CASE("the line of a mistake is told, and what an override changed") {
  const auto text = R"({
  "schema": "migbench-plan/1",
  /* two
     lines */
  "name": "t",
  "site": {"kind": "fake"},
  "experiments": [
    {"name": "e", "environment": "fake",
     "workload": ["fake-work",
                  "fake-wurk"]}
  ]
})";
  CHECK(complaint(text).find("test.json:10: at /experiments/0/workload/1") == 0);
  CHECK(complaint(text, {"name=a b"}).find("test.json (changed by --set name=a b)") == 0);
}

TEST_CASE("all mistakes are told at once") {
  const auto message = complaint(kPlan, {"seed=-1", "budget=x", "experiments.0.migrations=0"});
  CHECK(message.find("/seed") != std::string::npos);
  CHECK(message.find("/budget") != std::string::npos);
  CHECK(message.find("/experiments/0/migrations") != std::string::npos);
}

TEST_CASE("texts that are no plan at all") {
  CHECK(complaint("").find("test.json:1:1: not valid JSON") == 0);
  CHECK(complaint("[]").find("of type array; allowed: object") != std::string::npos);
  CHECK(complaint("{\"schema\": \"migbench-plan/1\"\n \"name\": 1}").find("test.json:2:") == 0);
  CHECK(complaint("{\"schema\": 1,\n \"schema\": 2}").find("'schema' stands a second time") !=
        std::string::npos);
  CHECK(complaint(with_experiment(R"({"name": "e", "environment": "fake", "workload": "fake-work"},
                                     {"name": "e", "environment": "fake", "workload": "fake-idle"})"))
            .find("already an experiment 'e'") != std::string::npos);
}

TEST_CASE("a plan is found by path, by name, or its name is suggested") {
  CHECK(load_plan("quick").document.at("name") == "quick");
  const auto message = message_of([] { (void)load_plan("qiuck"); });
  CHECK(message.find("did you mean 'quick'?") != std::string::npos);
  CHECK_THROWS_AS(load_plan("/nowhere/plan.json"), InputError);
}

TEST_CASE("every shipped plan, and the one in the documentation, is a good one") {
  const auto directory = shared_directories("plans").at(0);
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    INFO(entry.path());
    CHECK(message_of([&] { (void)expand(read_plan(load_plan(entry.path().string()))); }).empty());
  }
  std::ifstream page(directory / "../../docs/plans.md");
  std::string text{std::istreambuf_iterator<char>(page), std::istreambuf_iterator<char>()};
  text = text.substr(text.find("```jsonc") + 8);
  CHECK(complaint(text.substr(0, text.find("```"))).empty());
}
