#include <algorithm>
#include <cstdlib>

#include "bench/document.hpp"
#include "tests/catch.hpp"
#include "tests/cli/command.hpp"

using namespace migbench;
using migbench::testing::plan_file;
using migbench::testing::run_migbench;
using migbench::testing::TemporaryDirectory;
using nlohmann::json;

namespace {

constexpr const char* kGood =
    R"({"name": "e", "environment": "fake", "workload": "fake-work", "repetitions": 2,
        "parameters": {"size": [1, 2]}})";

std::string last_line(const std::string& text) {
  const auto end = text.find_last_not_of('\n');
  const auto start = text.rfind('\n', end);
  return text.substr(start == std::string::npos ? 0 : start + 1, end - start);
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The fake entries of `migbench list KIND --json`.
json listed(const char* kind, const char* name) {
  const auto result = run_migbench({"list", kind, "--json"});
  REQUIRE(result.status == 0);
  const auto document = json::parse(result.out);
  for (const auto& entry : document.at(kind))
    if (entry.at("name") == name) return entry;
  return nullptr;
}

}  // namespace

TEST_CASE("what one file registers with one line is listed, with why it cannot run") {
  CHECK(listed("environments", "fake").at("supported") == true);
  CHECK(listed("environments", "fake").at("parameters") == json{"memory"});
  const auto absent = listed("environments", "fake-absent");
  CHECK(absent.at("supported") == false);
  CHECK(absent.at("reason") == "no card");
  CHECK(absent.at("remedy") == "buy the card");
  CHECK(listed("techniques", "fake-move").at("environments") == json{"fake"});
  CHECK(listed("workloads", "fake-work").at("defaults").at("size") == 8);
  CHECK(listed("sites", "fake").at("supported") == true);
  CHECK(listed("formats", "terminal").is_object());
  CHECK(listed("plans", "quick").is_object());
}

TEST_CASE("list in words says why not and what to do") {
  const auto result = run_migbench({"list", "environments"});
  CHECK(result.status == 0);
  CHECK(contains(result.out, "no card; buy the card"));
  CHECK_FALSE(contains(result.out, "techniques"));
}

TEST_CASE("run ends with the path of the report, and what it stored can be shown") {
  const TemporaryDirectory root;
  const auto plan = plan_file(root.path(), kGood);
  const auto runs = (root.path() / "runs").string();
  const auto result = run_migbench({"run", plan, "--runs", runs, "--seed", "5"});
  INFO(result.err);
  REQUIRE(result.status == 0);
  const auto last = last_line(result.out);
  REQUIRE(last.rfind("report: ", 0) == 0);
  const std::filesystem::path report = last.substr(8);
  CHECK(read_json(report).at("schema") == "migbench-report/1");
  CHECK_FALSE(contains(result.out + result.err, "\x1b["));
  CHECK(contains(result.err, "trials done"));

  const auto run = report.parent_path().string();
  const auto shown = run_migbench({"show", run, "--json"});
  REQUIRE(shown.status == 0);
  const auto document = json::parse(shown.out);
  CHECK(document.at("seed") == 5);
  REQUIRE(document.at("records").size() == 4);
  CHECK(contains(run_migbench({"show", run}).out, "finished"));

  const auto file = std::filesystem::directory_iterator(report.parent_path() / "records")->path();
  CHECK(json::parse(run_migbench({"show", file.string(), "--json"}).out).at("outcome") == "ok");
  CHECK(contains(run_migbench({"show", file.string()}).out, "outcome: ok"));

  const auto again = run_migbench({"resume", run, "--quiet"});
  CHECK(again.status == 0);
  CHECK(last_line(again.out) == last);
  CHECK(again.err.empty());
  CHECK(json::parse(run_migbench({"report", run, "--json"}).out).at("schema") ==
        "migbench-report/1");
  const auto markdown = (root.path() / "r.md").string();
  CHECK(run_migbench({"report", run, "--format", "markdown", "--output", markdown}).status == 0);
  CHECK(contains(migbench::testing::text_of(markdown), "|"));
}

TEST_CASE("exit codes tell failed, unsupported and bad input apart") {
  const TemporaryDirectory root;
  const auto runs = (root.path() / "runs").string();
  const auto run = [&](const std::string& experiment) {
    return run_migbench({"run", plan_file(root.path(), experiment), "--runs", runs, "--quiet"});
  };
  const auto failed = run(
      R"({"name": "e", "environment": "fake", "workload": "fake-work", "repetitions": 1,
          "parameters": {"status": 4}})");
  CHECK(failed.status == 1);
  CHECK(last_line(failed.out).rfind("report: ", 0) == 0);
  CHECK(contains(failed.out, "exit status 4"));
  const auto absent =
      run(R"({"name": "e", "environment": "fake-absent", "workload": "fake-work"})");
  CHECK(absent.status == 3);
  CHECK(contains(absent.out, "no card"));
  CHECK(run(R"({"name": "e", "environment": "none", "workload": "fake-work"})").status == 2);
}

TEST_CASE("bad command lines give one message and exit code 2") {
  const TemporaryDirectory root;
  const auto plan = plan_file(root.path(), kGood);
  const std::vector<std::vector<std::string>> lines{
      {},
      {"rnu"},
      {"run", "no-such-plan"},
      {"run", plan, "--set", "nothing"},
      {"run", plan, "--only", "environment=x"},
      {"run", plan, "--seed", "many"},
      {"run", plan, "--budget", "5"},
      {"run", plan, "--unknown"},
      {"plan", plan, plan},
      {"resume", "/nowhere"},
      {"show", "/nowhere"},
      {"show", plan},
      {"report", root.path().string()},
      {"report", root.path().string(), "--format", "papyrus"},
      {"report", root.path().string(), "--margin", "-1"},
      {"list", "everything"},
      {"help", "rum"},
      {"completion", "fish"},
  };
  for (const auto& line : lines) {
    const auto result = run_migbench(line);
    INFO((line.empty() ? "nothing" : line.back()) << ": " << result.err);
    CHECK(result.status == 2);
    CHECK_FALSE(result.err.empty());
    CHECK(result.out.empty());
  }
  CHECK_FALSE(std::filesystem::exists("runs"));
}

TEST_CASE("plan shows cells and commands and runs nothing") {
  const TemporaryDirectory root;
  const auto journal = (root.path() / "journal").string();
  const auto plan =
      plan_file(root.path(),
                R"({"name": "e", "environment": ["fake", "fake-bare"], "workload": "fake-work",
          "technique": "fake-move", "probe": null, "parameters": {"journal": ")" +
                    journal + R"("}})");
  const auto words = run_migbench({"plan", plan});
  CHECK(words.status == 0);
  CHECK(contains(words.out, journal));
  CHECK(contains(words.out, "/bin/sh -c"));
  CHECK(contains(words.out, "cannot move environment 'fake-bare'"));
  const auto document =
      json::parse(run_migbench({"plan", plan, "--only", "environment=fake", "--json"}).out);
  REQUIRE(document.at("cells").size() == 1);
  CHECK(document.at("cells")[0].at("commands")[0].at("role") == "workload");
  CHECK_FALSE(std::filesystem::exists(journal));
}

TEST_CASE("every subcommand explains itself with an example") {
  const auto overview = run_migbench({"--help"});
  CHECK(overview.status == 0);
  CHECK(contains(overview.out, "Exit codes"));
  for (const char* name : {"run", "resume", "list", "plan", "show", "report", "probe", "calibrate",
                           "nodes", "help", "completion", "version"}) {
    INFO(name);
    CHECK(contains(overview.out, std::string("  ") + name + " "));
    const auto help = run_migbench({"help", name});
    CHECK(help.status == 0);
    CHECK(contains(help.out, std::string("  migbench ") + name));
  }
  CHECK(contains(run_migbench({"--version"}).out, "migbench"));
  CHECK(run_migbench({"version"}).out == run_migbench({"--version"}).out);
}

TEST_CASE("completion is made of the real options, and bash takes it") {
  const TemporaryDirectory root;
  const auto script = run_migbench({"completion", "bash"});
  REQUIRE(script.status == 0);
  const auto file = root.path() / "completion.bash";
  write_text(file, script.out);
  CHECK(std::system(("bash -n " + file.string()).c_str()) == 0);
  // As a user would: "migbench report --ba<TAB>".
  const auto typed = root.path() / "typed.bash";
  write_text(typed, "source " + file.string() +
                        "\nCOMP_WORDS=(migbench report --ba) COMP_CWORD=2\n_migbench\n"
                        "[ \"${COMPREPLY[*]}\" = --baseline ]\n");
  CHECK(std::system(("bash " + typed.string()).c_str()) == 0);
  const auto zsh = run_migbench({"completion", "zsh"});
  CHECK(contains(zsh.out, "#compdef migbench"));
  CHECK(contains(zsh.out, "--baseline"));
}

TEST_CASE("probe hands its arguments to the program that measures") {
  const auto result = run_migbench({"probe", "--server", "not an address", "--duration", "1s"});
  CHECK(result.status == 2);
  CHECK(contains(result.err, "migbench-udp-probe"));
}
