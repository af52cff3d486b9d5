#include "apps/blast/engine.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <iterator>
#include <sstream>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/error.hpp"

namespace migbench::blast {
namespace {

constexpr int kNotFound = 127;

std::string host_name() {
  std::array<char, 256> name{};
  (void)::gethostname(name.data(), name.size() - 1);
  return name.data();
}

std::string joined(const std::vector<std::string>& argv) {
  return fmt::format("{}", fmt::join(argv, " "));
}

}  // namespace

Search::Search(std::vector<std::string> argv) : argv_(std::move(argv)) {
  std::array<int, 2> out{};
  std::array<int, 2> err{};
  if (::pipe2(out.data(), O_CLOEXEC) != 0) throw system_error("pipe");
  if (::pipe2(err.data(), O_CLOEXEC) != 0) throw system_error("pipe");
  std::vector<char*> words;
  words.reserve(argv_.size() + 1);
  for (std::string& word : argv_)
    words.push_back(word.data());
  words.push_back(nullptr);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) throw system_error("fork");
  if (pid_ == 0) {
    // Only calls that are safe after fork: an engine must not outlive its worker.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::dup2(null, STDIN_FILENO);
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(err[1], STDERR_FILENO);
    ::execvp(words[0], words.data());
    ::_exit(kNotFound);
  }
  ::close(out[1]);
  ::close(err[1]);
  out_ = out[0];
  err_ = err[0];
  ::fcntl(out_, F_SETFL, O_NONBLOCK);
  ::fcntl(err_, F_SETFL, O_NONBLOCK);
}

Search::~Search() {
  if (out_ >= 0) ::close(out_);
  if (err_ >= 0) ::close(err_);
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
}

/// False at the end of the stream.
bool Search::drain(int descriptor, std::string& into) const {
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
    if (got > 0)
      into.append(buffer.data(), static_cast<std::size_t>(got));
    else if (got == 0)
      return false;
    else if (errno != EINTR)
      return errno == EAGAIN;
  }
}

bool Search::poll(int milliseconds) {
  std::array<pollfd, 2> waiting{pollfd{out_, POLLIN, 0}, pollfd{err_, POLLIN, 0}};
  (void)::poll(waiting.data(), waiting.size(), milliseconds);
  if (out_ >= 0 && !drain(out_, output_)) {
    ::close(out_);
    out_ = -1;
  }
  if (err_ >= 0 && !drain(err_, errors_)) {
    ::close(err_);
    err_ = -1;
  }
  if (out_ >= 0 || err_ >= 0) return false;
  if (pid_ > 0) {
    while (::waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
  }
  return true;
}

std::string Search::take_output() {
  if (WIFEXITED(status_) && WEXITSTATUS(status_) == kNotFound && output_.empty()) {
    throw Error(fmt::format("{} is not in PATH on {}{}", argv_.front(), host_name(),
                            argv_.front().rfind("mpi", 0) == 0
                                ? ""
                                : ": install the NCBI engine there: apt-get install ncbi-blast+"));
  }
  if (!WIFEXITED(status_) || WEXITSTATUS(status_) != 0) {
    const auto how = WIFEXITED(status_) ? fmt::format("exit status {}", WEXITSTATUS(status_))
                                        : fmt::format("signal {}", WTERMSIG(status_));
    const auto tail = errors_.substr(errors_.size() - std::min<std::size_t>(errors_.size(), 500));
    throw Error(fmt::format("{}: {}: {}", joined(argv_), how, tail));
  }
  return std::move(output_);
}

std::string run_tool(const std::vector<std::string>& argv) {
  Search search(argv);
  while (!search.poll(1000)) {
  }
  return search.take_output();
}

void check(const EngineOptions& options, Molecule molecule) {
  const bool protein = options.program == "blastp";
  if (!protein && options.program != "blastn") {
    throw InputError(
        fmt::format("'{}' is no search that is offered: blastn and blastp are", options.program));
  }
  if (protein != (molecule == Molecule::protein)) {
    throw InputError(
        fmt::format("{} does not search a {} database", options.program, name(molecule)));
  }
  if (!(options.evalue > 0)) throw InputError("the E-value must be greater than zero");
  if (options.max_target_seqs == 0)
    throw InputError("at least one target sequence must be allowed");
  constexpr std::array ours{"-db",     "-query",           "-out",     "-outfmt", "-num_threads",
                            "-evalue", "-max_target_seqs", "-subject", "-dbsize", "-searchsp"};
  for (const std::string& word : options.further) {
    if (std::find(ours.begin(), ours.end(), word) != ours.end()) {
      throw InputError(
          fmt::format("{} cannot be passed to the engine: migbench-blast sets it itself", word));
    }
  }
}

std::vector<std::string> search_command(const EngineOptions& options,
                                        const std::filesystem::path& database,
                                        const std::filesystem::path& queries) {
  std::vector<std::string> argv{options.program,
                                "-db",
                                database.string(),
                                "-query",
                                queries.string(),
                                "-outfmt",
                                kColumns,
                                "-evalue",
                                fmt::format("{}", options.evalue),
                                "-max_target_seqs",
                                fmt::format("{}", options.max_target_seqs),
                                "-num_threads",
                                "1"};
  argv.insert(argv.end(), options.further.begin(), options.further.end());
  return argv;
}

double expected_seconds(const EngineOptions& options, std::size_t query_letters,
                        std::uint64_t database_letters) {
  // ncbi-blast+ 2.12 on one core of a Xeon of 2023: 80,000 letters in 100,000,000 (blastp: 30,000
  // in 1,600,000) of synthetic data.
  constexpr double kMegablast = 5e13, kOtherNucleotide = 5e12, kProtein = 2.4e10;
  double letters_squared_per_s = options.program == "blastp" ? kProtein : kMegablast;
  const auto task = std::find(options.further.begin(), options.further.end(), "-task");
  if (options.program == "blastn" && task != options.further.end() &&
      std::next(task) != options.further.end() && *std::next(task) != "megablast")
    letters_squared_per_s = kOtherNucleotide;
  return static_cast<double>(query_letters) * static_cast<double>(database_letters) /
         letters_squared_per_s;
}

std::filesystem::path tool_path(const std::string& tool) {
  const char* variable = std::getenv("PATH");
  std::istringstream directories(variable != nullptr ? variable : "/usr/local/bin:/usr/bin:/bin");
  for (std::string directory; std::getline(directories, directory, ':');) {
    auto candidate = std::filesystem::path(directory) / tool;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return {};
}

std::optional<std::string> engine_version(const std::string& program) {
  try {
    const auto text = run_tool({program, "-version"});  // "blastn: 2.12.0+\n ..."
    const auto colon = text.find(": ");
    if (colon == std::string::npos) return std::nullopt;
    return text.substr(colon + 2, text.find('\n') - colon - 2);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace migbench::blast
