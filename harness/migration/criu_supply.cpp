#include "harness/migration/criu_supply.hpp"

#include <cstdlib>
#include <fstream>
#include <vector>

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "bench/document.hpp"
#include "harness/programs.hpp"
#include "harness/site/process.hpp"

namespace migbench {
namespace {

namespace fs = std::filesystem;

constexpr Nanoseconds kDeadline = std::chrono::seconds(60);

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

fs::path cache_directory() {
  if (const auto prefix = variable("MIGBENCH_PREFIX"); !prefix.empty()) return prefix;
  if (const auto cache = variable("XDG_CACHE_HOME"); !cache.empty())
    return fs::path(cache) / "migbench";
  const auto home = variable("HOME");
  return fs::path(home.empty() ? "/root" : home) / ".cache" / "migbench";
}

std::vector<fs::path> candidates() {
  std::vector<fs::path> found;
  const auto add = [&found](const fs::path& path) {
    if (!path.empty() && ::access(path.c_str(), X_OK) == 0) found.push_back(path);
  };
  add(variable("MIGBENCH_CRIU"));
  for (const char* directory : {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin"})
    add(fs::path(directory) / "criu");
  add(private_criu());
  return found;
}

/// What an outcome depends on: the kernel and the very file.
std::string key_of(const fs::path& program) {
  struct stat facts {};
  utsname kernel{};
  if (::stat(program.c_str(), &facts) != 0 || ::uname(&kernel) != 0) return {};
  return fmt::format("{}|{}|{}|{}|{}|{}", kernel.release, kernel.version, program.string(),
                     facts.st_size, facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec);
}

/// What was found out before; a cache that cannot be read is none.
nlohmann::json read_cache(const fs::path& file) {
  std::ifstream stream(file);
  auto cache = nlohmann::json::parse(stream, nullptr, false);
  return cache.is_object() ? cache : nlohmann::json::object();
}

/// The version, or the empty string and the reason.
struct Answer {
  std::string version;
  std::string reason;
};

Answer test(const fs::path& program) {
  const fs::path tester = look_for_program("migbench-criu-check");
  if (tester.empty()) return {.version = {}, .reason = "migbench-criu-check is not built"};
  const Finished finished = run({.argv = {tester.string(), program.string()}}, kDeadline);
  const std::string& said = finished.ok() ? finished.out : finished.err;
  const std::string line = said.substr(0, said.find('\n'));
  if (finished.ok()) return {.version = line, .reason = {}};
  return {.version = {}, .reason = finished.timed_out ? "its test did not end" : line};
}

CriuSupply search() {
  if (::geteuid() != 0) {
    return {.program = {},
            .version = {},
            .why = Unsupported{.reason = "CRIU needs root", .remedy = "run migbench as root"}};
  }
  const fs::path file = cache_directory() / "criu-tested.json";
  nlohmann::json cache = read_cache(file);
  CriuSupply supply;
  std::string reasons;
  for (const fs::path& program : candidates()) {
    const std::string key = key_of(program);
    Answer outcome{.version = cache.value(key, ""), .reason = {}};
    if (outcome.version.empty()) {
      outcome = test(program);
      // Failures are tried again: what stood in the way may have been mended since.
      if (!outcome.version.empty()) cache[key] = outcome.version;
    }
    if (!outcome.version.empty()) {
      supply = {.program = program, .version = outcome.version, .why = std::nullopt};
      break;
    }
    reasons +=
        fmt::format("{}{}: {}", reasons.empty() ? "" : "; ", program.string(), outcome.reason);
  }
  if (supply.program.empty()) {
    supply.why = Unsupported{
        .reason = reasons.empty() ? "CRIU is not installed" : "no CRIU works here: " + reasons,
        .remedy = "run scripts/criu.sh, or name one in MIGBENCH_CRIU"};
    return supply;
  }
  try {
    fs::create_directories(file.parent_path());
    write_json(file, cache);
  } catch (const std::exception&) {
    // Without a cache it is only tested again.
  }
  return supply;
}

}  // namespace

fs::path private_criu() {
  return cache_directory() / "criu" / "bin" / "criu";
}

const CriuSupply& criu_supply() {
  static const CriuSupply supply = search();
  return supply;
}

}  // namespace migbench
