#include "harness/run/run_directory.hpp"

#include <cerrno>
#include <ctime>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "bench/document.hpp"
#include "bench/error.hpp"
#include "bench/host_facts.hpp"
#include "bench/sha256.hpp"
#include "bench/version.hpp"

namespace migbench {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw InputError(
        fmt::format("{}: cannot be read: is this the directory of a run?", path.string()));
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

fs::path fresh_directory(const fs::path& root, const std::string& plan) {
  const auto stamp = fmt::format("{:%Y%m%d-%H%M%S}", fmt::localtime(std::time(nullptr)));
  fs::create_directories(root);
  for (int attempt = 1;; ++attempt) {
    const auto suffix = attempt == 1 ? std::string() : fmt::format("-{}", attempt);
    auto path = fs::absolute(root) / fmt::format("{}-{}{}", stamp, plan, suffix);
    // Only one of two that start in the same second makes the directory.
    if (fs::create_directory(path)) return path;
  }
}

}  // namespace

std::string utc_now() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

RunDirectory::RunDirectory(fs::path path) : path_(std::move(path)) {}

RunDirectory::RunDirectory(RunDirectory&& other) noexcept
    : path_(std::move(other.path_)),
      lock_(std::exchange(other.lock_, -1)),
      run_(std::move(other.run_)),
      cells_(std::move(other.cells_)),
      site_(std::move(other.site_)),
      seed_(other.seed_),
      budget_(other.budget_),
      session_budget_(other.session_budget_),
      keeps_instances_(other.keeps_instances_) {}

RunDirectory::~RunDirectory() {
  if (lock_ >= 0) ::close(lock_);
}

void RunDirectory::lock() {
  const auto file = path_ / "lock";
  lock_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock_ < 0) throw system_error(fmt::format("cannot open {}", file.string()));
  // The kernel gives up a flock when its holder dies, however it dies; a child that it had just
  // forked has it a moment longer.
  int locked = ::flock(lock_, LOCK_EX | LOCK_NB);
  for (int again = 0; locked != 0 && errno == EWOULDBLOCK && again < 50; ++again) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    locked = ::flock(lock_, LOCK_EX | LOCK_NB);
  }
  if (locked != 0) {
    if (errno != EWOULDBLOCK) throw system_error(fmt::format("cannot lock {}", file.string()));
    throw InputError(
        fmt::format("{}: another migbench (process {}) works in this run: wait for it "
                    "or end it",
                    path_.string(), contents(file)));
  }
  const auto owner = std::to_string(::getpid());
  if (::ftruncate(lock_, 0) != 0 ||
      ::write(lock_, owner.data(), owner.size()) != static_cast<ssize_t>(owner.size()))
    throw system_error(fmt::format("cannot write {}", file.string()));
}

RunDirectory RunDirectory::create(const fs::path& root, const Plan& plan,
                                  const std::vector<Cell>& cells,
                                  const std::vector<std::string>& argv) {
  RunDirectory run(fresh_directory(root, plan.name));
  run.lock();
  fs::create_directory(run.path_ / "records");
  json document = plan.text.document;
  document["seed"] = plan.seed.value();
  json list = json::array();
  for (const auto& cell : cells)
    list.push_back(to_json(cell));
  write_json(run.path_ / "plan.json", document);
  write_json(run.path_ / "cells.json", {{"schema", "migbench-cells/1"}, {"cells", list}});
  run.run_ = {{"schema", "migbench-run/1"},
              {"run", run.name()},
              {"plan", plan.name},
              {"plan_file", plan.text.origin},
              {"plan_sha256", sha256(contents(run.path_ / "plan.json"))},
              {"cells_sha256", sha256(contents(run.path_ / "cells.json"))},
              {"seed", plan.seed.value()},
              {"started", utc_now()},
              {"argv", argv},
              {"version", version()},
              {"commit", commit()},
              {"host", host_facts()},
              {"sessions", json::array()}};
  run.begin_session(argv);
  run.read_contents();
  return run;
}

RunDirectory RunDirectory::open(const fs::path& path, const std::vector<std::string>& argv) {
  if (!fs::is_directory(path))
    throw InputError(fmt::format("{}: there is no such directory", path.string()));
  RunDirectory run(fs::canonical(path));
  run.run_ = parse_json(contents(run.path_ / "run.json"), (run.path_ / "run.json").string());
  run.lock();
  for (const char* part : {"plan", "cells"}) {
    const auto file = run.path_ / (std::string(part) + ".json");
    if (sha256(contents(file)) != run.run_.value(std::string(part) + "_sha256", ""))
      throw InputError(
          fmt::format("{}: was altered since the run began, its trials would not be "
                      "comparable: put it back, or start a new run",
                      file.string()));
  }
  run.read_contents();
  run.begin_session(argv);
  return run;
}

void RunDirectory::read_contents() {
  const auto plan = read_json(path_ / "plan.json");
  site_ = plan.at("site");
  seed_ = plan.at("seed");
  if (plan.contains("budget")) budget_ = parse_duration(plan["budget"].get<std::string>());
  keeps_instances_ = plan.value("keep_instances", false);
  const auto list = read_json(path_ / "cells.json");
  cells_.clear();
  for (const auto& cell : list.at("cells"))
    cells_.push_back(cell_from_json(cell));
}

void RunDirectory::begin_session(const std::vector<std::string>& argv) {
  run_["sessions"].push_back(
      {{"started", utc_now()}, {"argv", argv}, {"commit", commit()}, {"pid", ::getpid()}});
  set_state("running", run_.value("cells", json::array()));
}

void RunDirectory::store(const Record& record) const {
  write_json(path_ / "records" / record_file_name(record.cell.id, record.trial), to_json(record));
}

void RunDirectory::set_state(const std::string& state, const json& outcomes) {
  run_["state"] = state;
  run_["cells"] = outcomes;
  auto& session = run_["sessions"].back();
  session["state"] = state;
  if (state != "running") session["ended"] = utc_now();
  write_json(path_ / "run.json", run_);
}

void RunDirectory::log(const std::string& line) const {
  std::ofstream(path_ / "log", std::ios::app) << utc_now() << ' ' << line << '\n';
}

}  // namespace migbench
