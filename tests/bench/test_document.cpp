#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/document.hpp"
#include "bench/driver_document.hpp"
#include "bench/error.hpp"
#include "bench/host_facts.hpp"
#include "bench/program.hpp"
#include "bench/table.hpp"
#include "tests/catch.hpp"

using namespace migbench;
namespace fs = std::filesystem;

namespace {

struct Directory {
  fs::path path = fs::temp_directory_path() / ("migbench-test-" + std::to_string(::getpid()));
  Directory() { fs::create_directories(path); }
  ~Directory() { fs::remove_all(path); }
};

std::string message_of(const std::string& text) {
  try {
    (void)parse_json(text, "plan.json", true);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a document is written whole, and nothing else is left") {
  const Directory directory;
  const auto file = directory.path / "a.json";
  write_json(file, {{"n", 1}});
  write_json(file, {{"n", 2}});
  CHECK(read_json(file).at("n") == 2);
  CHECK(std::distance(fs::directory_iterator(directory.path), fs::directory_iterator()) == 1);
}

TEST_CASE("a failed write leaves the old document as it was") {
  const Directory directory;
  const auto file = directory.path / "a.json";
  write_json(file, {{"n", 1}});
  // A file size limit makes write() fail in the middle, as a full disk does.
  rlimit old{};
  ::getrlimit(RLIMIT_FSIZE, &old);
  (void)std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{4096, old.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  CHECK_THROWS_AS(write_json(file, {{"long", std::string(100'000, 'x')}}), Error);
  ::setrlimit(RLIMIT_FSIZE, &old);
  CHECK(read_json(file).at("n") == 1);
  CHECK(std::distance(fs::directory_iterator(directory.path), fs::directory_iterator()) == 1);
}

TEST_CASE("a mistake in JSON is told with its line and column") {
  CHECK(message_of("{\n  \"a\": 1,\n  \"b\": }\n").rfind("plan.json:3:8: not valid JSON", 0) == 0);
  CHECK(message_of("").rfind("plan.json:1:1", 0) == 0);
  CHECK(message_of("{} // a comment is fine").empty());
  CHECK_THROWS_AS(read_json("/nonexistent/file.json"), InputError);
}

TEST_CASE("host facts name what they read and guess nothing") {
  const auto facts = host_facts();
  CHECK(facts.at("cpu").at("logical").get<int>() >= 1);
  CHECK(facts.at("kernel").is_string());
  CHECK(facts.at("time").get<std::string>().size() == 20);
}

TEST_CASE("a table is aligned, and Markdown escapes its bars") {
  Table table({"name", "µs"});
  table.add({"a", "1.5"});
  table.add({"longer", "10.25"});
  CHECK(table.text() == "name       µs\na         1.5\nlonger  10.25\n");
  Table bars({"a|b"});
  bars.add({"c|d"});
  CHECK(bars.markdown() == "| a\\|b |\n|---|\n| c\\|d |\n");
  CHECK_THROWS_AS(table.add({"1", "2", "3"}), std::logic_error);
}

TEST_CASE("what a program throws becomes its exit code") {
  CHECK(run_program("p", [] { return 0; }) == 0);
  CHECK(run_program("p", []() -> int { throw InputError("bad"); }) == 2);
  CHECK(run_program("p", []() -> int { throw Error("broke"); }) == 1);
}

TEST_CASE("a driver's document goes where it was asked to, or nowhere") {
  const Directory directory;
  const nlohmann::json document = {{"a", 1}};
  deliver_document(document, "");
  CHECK(fs::is_empty(directory.path));
  deliver_document(document, directory.path / "out.json");
  CHECK(read_json(directory.path / "out.json") == document);
  CHECK_THROWS_AS(deliver_document(document, directory.path / "no" / "out.json"), Error);
}

TEST_CASE("contents that arrived wrong fail the driver") {
  CHECK(judge_contents({{"results", {1}}}, "x", "the transport") == ExitCode::ok);
  CHECK(judge_contents({{"corrupt", {"size 8B: byte 3"}}}, "x", "the transport") ==
        ExitCode::failed);
}

TEST_CASE("a reader that has gone does not end long work") {
  const pid_t child = ::fork();
  if (child == 0) {
    catch_interrupts();
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) ::_exit(2);
    ::close(ends[0]);
    ::_exit(::write(ends[1], "x", 1) < 0 && errno == EPIPE ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  CHECK(status == 0);
}
