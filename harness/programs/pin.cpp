// migbench-pin: binds itself as the placement asks, says where it is and what it is about to run
// ("migbench-pin: {JSON}" on standard error), and becomes that program. Every rank of a job that is
// to be compared is started through it, in every environment alike.
//
//   mpirun -n 3 --host n1:2,n2:1 migbench-pin --placement socket --groups 2,1 -- migbench-npb ft
//   migbench-pin --placement socket --groups 2,1 --print 1      the processors of the second group
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "bench/error.hpp"
#include "bench/program.hpp"
#include "bench/sha256.hpp"
#include "bench/version.hpp"
#include "harness/placement/evidence.hpp"
#include "harness/placement/seat.hpp"
#include "harness/programs.hpp"

namespace {

using namespace migbench;

struct Options {
  std::string placement = "free";
  std::vector<int> groups{1};
  bool shared = false;
  int print = -1;
  std::vector<std::string> argv;
};

std::string host_name() {
  std::array<char, 256> text{};
  (void)::gethostname(text.data(), text.size() - 1);
  return text.data();
}

std::filesystem::path program_path(const std::string& name) {
  if (name.find('/') != std::string::npos) return std::filesystem::absolute(name);
  auto found = look_for_program(name);
  if (found.empty()) throw Error(fmt::format("the program '{}' is not in PATH", name));
  return found;
}

[[noreturn]] void become(const Options& options) {
  const Placement placement = parse_placement(options.placement);
  const Seat seat = seat_of(own_rank(), options.groups);
  if (placement != Placement::free) bind_to(Processors().of(placement, seat, options.shared));
  const auto program = program_path(options.argv.front());
  const std::string line = witness_line({seat.rank, host_name(), options.placement, allowed_cpus(),
                                         program.string(), sha256_of_file(program)});
  // In one piece, so that the lines of many ranks do not mix.
  if (::write(STDERR_FILENO, line.data(), line.size()) < 0)
    throw system_error("cannot write to standard error");
  std::vector<char*> argv;
  for (const std::string& word : options.argv)
    argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  ::execv(program.c_str(), argv.data());
  throw system_error(fmt::format("cannot start {}", program.string()));
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app{"Binds a rank to its processors, proves it, and becomes its program.",
               "migbench-pin"};
  app.set_version_flag("--version", version_line("migbench-pin"));
  app.add_option("--placement", options.placement, "free, socket or core")->capture_default_str();
  app.add_option("--groups", options.groups, "ranks of each host, in the order of the ranks")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::PositiveNumber);
  app.add_flag("--shared", options.shared, "the hosts are virtual ones of one machine");
  app.add_option("--print", options.print, "print the processors of a group (from 0) and end");
  app.add_option("program", options.argv, "program and arguments, after --");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& answered) {
    return app.exit(answered);
  } catch (const CLI::ParseError& error) {
    throw InputError(fmt::format("{} (see --help)", error.what()));
  }
  if (app.count("--print") > 0) {
    if (options.print < 0 || options.print >= static_cast<int>(options.groups.size()))
      throw InputError(fmt::format("--print: there is no group {}", options.print));
    fmt::print("{}\n",
               fmt::join(Processors().of_group(parse_placement(options.placement), options.print,
                                               options.groups, options.shared),
                         ","));
    return 0;
  }
  if (options.argv.empty()) throw InputError("no program is given (see --help)");
  become(options);
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("migbench-pin", [&] { return run(argc, argv); });
}
