#include <set>

#include <fmt/format.h>

#include "bench/error.hpp"
#include "harness/run/support.hpp"
#include "tests/catch.hpp"
#include "tests/plan/plans.hpp"

using namespace migbench;
using namespace migbench::testing;

namespace {

std::set<std::string> ids(const std::vector<Cell>& cells) {
  std::set<std::string> result;
  for (const auto& cell : cells)
    result.insert(cell.id);
  return result;
}

}  // namespace

TEST_CASE("a list is swept, {value} is one value that is a list") {
  const auto cells = cells_of(with_experiment(
      R"({"name": "e", "environment": ["fake", "fake-bare"], "workload": "fake-work",
          "parameters": {"status": [1, 2, 3], "size": {"value": [4, 5]}}})"));
  REQUIRE(cells.size() == 6);
  REQUIRE(ids(cells).size() == 6);
  REQUIRE(cells[0].parameters == nlohmann::json{{"status", 1}, {"size", {4, 5}}});
  REQUIRE(cells[5].environment == "fake-bare");
  REQUIRE(cells[5].settings().at("status") == 3);
  REQUIRE(cells[5].settings().at("sleep") == "0");
}

TEST_CASE("a cell's id depends on nothing but the cell") {
  // Golden: baselines of earlier versions are found by these names.
  const auto cells = cells_of(kPlan);
  REQUIRE(cells.size() == 2);
  CHECK(cells[0].id == "fake-fake-work-9d7c8599");
  CHECK(cells[1].id == "fake-fake-work-3cca1557");

  const auto other = cells_of(with_experiment(
      R"({"name": "x", "environment": ["fake-bare", "fake"], "workload": ["fake-work"],
          "repetitions": 9, "deadline": "5s",
          "parameters": {"memory": "2MiB", "status": 0}})"));
  REQUIRE(other.size() == 2);
  // Order of keys, other cells, repetitions, and a value that equals the default change nothing.
  CHECK(other[1].id == cells[1].id);
  CHECK(other[0].id != cells[0].id);
}

TEST_CASE("every part of a cell's identity changes its id") {
  const std::string base =
      R"("name": "e", "environment": "fake", "workload": "fake-work", "technique": "fake-move")";
  std::set<std::string> seen;
  for (const char* more :
       {"", R"(, "migrations": 2)", R"(, "probe": {"interval": "1ms"})", R"(, "probe": null)",
        R"(, "parameters": {"size": 9})", R"(, "parameters": {"refuse": true})"}) {
    const auto cells = cells_of(with_experiment("{" + base + more + "}"));
    REQUIRE(cells.size() == 1);
    CHECK(seen.insert(cells[0].id).second);
  }
}

TEST_CASE("a parameter goes only to the cells that read it") {
  const auto cells = cells_of(with_experiment(
      R"({"name": "e", "environment": ["fake", "fake-bare"], "workload": "fake-work",
          "parameters": {"memory": ["1MiB", "2MiB"]}})"));
  // fake-bare reads no memory: one cell, not two.
  REQUIRE(cells.size() == 3);
  CHECK(cells[2].environment == "fake-bare");
  CHECK(cells[2].parameters.empty());
}

TEST_CASE("each migrated cell gets one control, which knows nothing of the technique") {
  const auto cells = cells_of(with_experiment(
      R"({"name": "e", "environment": "fake", "workload": "fake-work", "technique": "fake-move",
          "control": true, "migrations": 3, "parameters": {"refuse": [true, false]}})"));
  REQUIRE(cells.size() == 3);
  CHECK(cells[0].migrations == 3);
  CHECK(cells[1].control);
  CHECK_FALSE(cells[1].technique);
  CHECK(cells[1].parameters.empty());
  CHECK(cells[1].migrations == 0);
  CHECK(cells[1].probe.is_object());
  CHECK(cells[2].technique == "fake-move");
}

TEST_CASE("exclusions leave out what all their keys match") {
  const auto cells = cells_of(with_experiment(
      R"({"name": "e", "environment": ["fake", "fake-bare"], "workload": "fake-work",
          "parameters": {"size": [1, 2]},
          "exclude": [{"environment": "*-bare", "size": 2}]})"));
  REQUIRE(cells.size() == 3);
  for (const auto& cell : cells)
    CHECK_FALSE((cell.environment == "fake-bare" && cell.parameters["size"] == 2));
}

TEST_CASE("the same cell asked for twice runs once, unless the two disagree") {
  const std::string one = R"({"name": "a", "environment": "fake", "workload": "fake-work"})";
  const std::string same = R"({"name": "b", "environment": "fake", "workload": "fake-work"})";
  const std::string other =
      R"({"name": "b", "environment": "fake", "workload": "fake-work", "repetitions": 9})";
  REQUIRE(cells_of(with_experiment(one + "," + same)).size() == 1);
  REQUIRE(cells_of(with_experiment(one + "," + same))[0].experiment == "a");
  REQUIRE_THROWS_AS(cells_of(with_experiment(one + "," + other)), InputError);
}

TEST_CASE("filters choose cells by wildcards, several are alternatives") {
  const auto cells = cells_of(with_experiment(
      R"({"name": "e", "environment": ["fake", "fake-bare"], "workload": ["fake-work", "fake-idle"],
          "technique": [null, "fake-move"], "parameters": {"size": [1, 2]}})"));
  REQUIRE(cells.size() == 12);
  CHECK(select(cells, {}).size() == 12);
  CHECK(select(cells, {"environment=fake,workload=*-work"}).size() == 4);
  CHECK(select(cells, {"technique=none,size=2", "technique=fake-*,workload=fake-idle"}).size() ==
        4);
  REQUIRE_THROWS_AS(select(cells, {"environment=nativ"}), InputError);
  REQUIRE_THROWS_AS(select(cells, {"environment"}), InputError);
  REQUIRE_THROWS_AS(select(cells, {""}), InputError);
}

TEST_CASE("overrides reach into lists by index and by name, and count as JSON where they are") {
  const auto cells =
      cells_of(kPlan, {"experiments.0.repetitions.most=8", "experiments.one.parameters.size=[1,2]",
                       "experiments.one.parameters.memory=3MiB"});
  REQUIRE(cells.size() == 2);
  CHECK(cells[0].repetitions.most == 8);
  CHECK(cells[0].parameters["memory"] == "3MiB");
}

TEST_CASE("repetitions of an experiment inherit what they do not say") {
  auto plan = with_experiment(
      R"({"name": "e", "environment": "fake", "workload": "fake-work",
          "repetitions": {"fewest": 30}})");
  auto cells = cells_of(plan, {"repetitions={\"most\":12,\"relative_width\":0.5}"});
  CHECK(cells[0].repetitions.fewest == 30);
  CHECK(cells[0].repetitions.most == 30);
  CHECK(cells[0].repetitions.relative_width == 0.5);
  cells = cells_of(plan, {"experiments.0.repetitions=4"});
  CHECK(cells[0].repetitions.fewest == 4);
  CHECK(cells[0].repetitions.most == 4);
}

TEST_CASE("a cell survives its JSON") {
  for (const auto& cell : cells_of(kPlan)) {
    const auto again = cell_from_json(to_json(cell));
    CHECK(to_json(again) == to_json(cell));
    CHECK(cell_id(again) == cell.id);
  }
}

TEST_CASE(
    "the other instances of a job can be of another environment, whose parameters count too") {
  const auto cells = cells_of(with_experiment(
      R"({"name": "e", "environment": ["native", "kvm"], "workload": "mpi-latency",
          "parameters": {"peers": ["native", "kvm"], "guest_memory": "256MiB"}})"));
  REQUIRE(cells.size() == 4);
  REQUIRE(ids(cells).size() == 4);
  for (const Cell& cell : cells) {
    // What repeats the cell's own environment is the plain cell.
    CHECK(cell.parameters.contains("peers") == (cell.peers() != cell.environment));
    const auto parts = parts_of(cell);
    CHECK(parts.peers->name() == cell.peers());
  }
  const auto plain =
      cells_of(with_experiment(R"({"name": "e", "environment": "native", "workload": "mpi-latency",
                                   "parameters": {"peers": "native"}})"));
  CHECK(plain.at(0).id ==
        cells_of(
            with_experiment(R"({"name": "e", "environment": "native", "workload": "mpi-latency"})"))
            .at(0)
            .id);

  const auto refused = [](const std::string& workload, const std::string& peers) {
    const auto experiment = fmt::format(R"({{"name": "e", "environment": "native", "workload": "{}",
                         "parameters": {{"peers": {}}}}})",
                                        workload, peers);
    return message_of([&] { (void)cells_of(with_experiment(experiment)); });
  };
  CHECK(refused("mpi-latency", R"("kwm")").find("no environment 'kwm'") != std::string::npos);
  CHECK(refused("mpi-latency", "3").find("name of an environment") != std::string::npos);
  CHECK(refused("memory-writer", R"("kvm")").find("one instance") != std::string::npos);
}
