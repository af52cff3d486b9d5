#include "bench/document.hpp"
#include "bench/error.hpp"
#include "tests/catch.hpp"
#include "tests/run/runs.hpp"

using namespace migbench;
using namespace migbench::testing;
using nlohmann::json;

namespace {

Record full_record() {
  Record record;
  record.run = "20261122-120000-t";
  record.cell = expand(plan_of(
      R"({"name": "e", "environment": "fake", "workload": "fake-work", "technique": "fake-move"})"))
      [0];
  record.trial = 2;
  record.sequence = 5;
  record.outcome = Outcome::suspect;
  record.reason = "why";
  record.remedy = "what to do";
  record.labels = {"a", "b"};
  record.metrics = {{"latency", {{"size", 8}}, 1.5, "us", Better::lower},
                    {"bandwidth", json::object(), 2e9, "MB/s", Better::higher}};
  record.document = {{"x", 1}};
  record.migrations = {{1, 5, true, "", {{"dump", 1, 3, {{"bytes", 7}}}}, {{"k", "v"}}}};
  record.probe = {{"y", 2}};
  record.commands = {{"workload", "head", {{"a", "b c"}, {{"K", "V"}}}, 3, true, 0.5, "tail"}};
  record.instances = {{{"name", "i1"}, {"address", "1.2.3.4"}, {"node", "n1"}, {"facts", {}}}};
  record.started = utc_now();
  record.elapsed_s = 1.25;
  return record;
}

std::string complaint(json document) {
  try {
    (void)record_from_json(document, "file.json");
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("a record comes back from its JSON as it was") {
  const auto document = to_json(full_record());
  const auto again = record_from_json(json::parse(document.dump()), "test");
  CHECK(to_json(again) == document);
  CHECK(again.outcome == Outcome::suspect);
  CHECK(again.metrics[1].better == Better::higher);
  CHECK(again.migrations[0].phases[0].details["bytes"] == 7);
  CHECK(again.commands[0].command.env.at("K") == "V");
}

TEST_CASE("a broken record is refused with its file and the place in it") {
  auto document = to_json(full_record());
  REQUIRE(complaint(document).empty());
  const std::vector<std::pair<const char*, json>> changes{{"/schema", "migbench-record/2"},
                                                          {"/outcome", "great"},
                                                          {"/trial", 0},
                                                          {"/metrics/0/value", "fast"},
                                                          {"/metrics/0/value", nullptr},
                                                          {"/metrics/1/better", "more"},
                                                          {"/migrations/0/phases/0/start_ns", {}},
                                                          {"/commands/0/argv/1", 4},
                                                          {"/cell/id", "../../etc"},
                                                          {"/cell/repetitions/most", 0},
                                                          {"/labels", "virtual"},
                                                          {"/elapsed_s", -1}};
  for (const auto& [place, value] : changes) {
    auto broken = document;
    broken[json::json_pointer(place)] = value;
    INFO(place);
    CHECK(complaint(broken).find(std::string("file.json: not a record: at ") + place) == 0);
  }
  for (const auto& [key, unused] : document.items()) {
    auto broken = document;
    broken.erase(key);
    INFO(key);
    if (key == "evidence") {  // stored records of before have none
      CHECK(complaint(broken).empty());
      continue;
    }
    CHECK(complaint(broken).find("'" + key + "' is missing") != std::string::npos);
  }
}

TEST_CASE(
    "records are read in the order of the schedule, and only whole ones under their own name") {
  const TemporaryDirectory root;
  std::filesystem::create_directory(root.path() / "records");
  auto record = full_record();
  const auto store = [&](int trial, int sequence) {
    record.trial = trial;
    record.sequence = sequence;
    const auto file = root.path() / "records" / record_file_name(record.cell.id, trial);
    write_json(file, to_json(record));
    return file;
  };
  store(1, 9);
  const auto second = store(2, 4);
  // What a crash in mid-write leaves.
  std::ofstream(second.string() + ".123.new") << "{";
  const auto records = read_records(root.path());
  REQUIRE(records.size() == 2);
  CHECK(records[0].sequence == 4);

  std::filesystem::rename(second, root.path() / "records" / "other-001.json");
  CHECK_THROWS_AS(read_records(root.path()), InputError);
  std::ofstream(root.path() / "records" / "other-001.json") << "{\"schema\": ";
  CHECK_THROWS_AS(read_records(root.path()), InputError);
  CHECK_THROWS_AS(read_records(root.path() / "records"), InputError);
}
