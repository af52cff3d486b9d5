// One program for all kernels: migbench-npb KERNEL --class A.
#include <cstdio>
#include <new>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/sysinfo.h>

#include "apps/npb/build.hpp"
#include "apps/npb/kernel.hpp"
#include "apps/npb/mpi_call.hpp"
#include "apps/npb/report.hpp"
#include "bench/document.hpp"
#include "bench/driver_document.hpp"
#include "bench/error.hpp"
#include "bench/program.hpp"
#include "bench/table.hpp"
#include "bench/version.hpp"

namespace migbench::npb {
namespace {

struct Options {
  std::string kernel;
  char problem_class = 'S';
  std::string json;  ///< empty: none; "-": standard output instead of the table
  bool list = false;
  bool announce = false;
};

std::string list_of_kernels() {
  Table table({"kernel", "what it does"});
  for (const Kernel& kernel : kernels())
    table.add({std::string(kernel.name), std::string(kernel.summary)});
  return table.text();
}

/// Options, or nullopt where --help or --version has been answered (`status`).
std::optional<Options> parse(const std::vector<std::string>& argv, int& status) {
  Options options;
  std::string problem_class = "S";
  std::string isa;
  CLI::App app{"The NAS Parallel Benchmarks in C++20 and MPI.", "migbench-npb"};
  app.footer("Example: mpirun -n 4 migbench-npb ft --class A --json ft.json\n\n" +
             list_of_kernels());
  app.set_version_flag("--version", version_line("migbench-npb"));
  app.add_option("kernel", options.kernel, "bt, cg, ep, ft, is, lu, mg or sp");
  app.add_option("-c,--class", problem_class, "size of the problem: S, W, A, B, C, D (default S)");
  app.add_option("--json", options.json,
                 "write one JSON document to FILE, - or nothing: standard output")
      ->type_name("[FILE]")
      ->expected(0, 1)
      ->default_str("-");
  app.add_option("--isa", isa,
                 "build to use: auto, default, x86-64-v3, x86-64-v4 (MIGBENCH_NPB_ISA)");
  app.add_flag("--announce", options.announce,
               "say when the timed part begins and when it has ended");
  app.add_flag("--list", options.list, "list the kernels");
  try {
    std::vector<std::string> reversed(argv.rbegin(), argv.rend() - 1);
    app.parse(std::move(reversed));
  } catch (const CLI::Success& answered) {
    status = app.exit(answered);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    throw InputError(fmt::format("{} (see --help)", error.what()));
  }
  if (app.count("--json") > 0 && options.json.empty()) options.json = "-";
  if (problem_class.size() == 1)
    options.problem_class =
        static_cast<char>(std::toupper(static_cast<unsigned char>(problem_class[0])));
  if (problem_class.size() != 1 || kClasses.find(options.problem_class) == std::string_view::npos)
    throw InputError(fmt::format("--class: '{}' is none of S, W, A, B, C, D", problem_class));
  if (options.kernel.empty() && !options.list)
    throw InputError("which kernel? bt, cg, ep, ft, is, lu, mg or sp (see --help)");
  return options;
}

/// Ranks with unlike builds would exchange data in unlike layouts.
void refuse_mixed_builds(const Run& run) {
  const auto isas = gather_texts(std::string(build_isa()), run.comm);
  bool alike = true;
  for (const auto& isa : isas)
    alike = alike && isa == isas.front();
  if (!true_everywhere(alike, run.comm))
    throw InputError(
        "the ranks run builds for unlike processors: pass --isa with one that all have");
}

void refuse_bad_ranks(const Kernel& kernel, const Run& run) {
  if (const auto wanted = kernel.refuse(run.problem_class, run.ranks))
    throw InputError(fmt::format("{} of class {} cannot run with {} processes: it wants {}",
                                 kernel.name, run.problem_class, run.ranks, *wanted));
}

void refuse_small_nodes(const Kernel& kernel, const Run& run) {
  MPI_Comm node = MPI_COMM_NULL;
  MPI_Comm_split_type(run.comm, MPI_COMM_TYPE_SHARED, run.rank, MPI_INFO_NULL, &node);
  int neighbours = 1;
  MPI_Comm_size(node, &neighbours);
  MPI_Comm_free(&node);
  struct sysinfo memory {};
  if (::sysinfo(&memory) != 0) return;
  const double has = static_cast<double>(memory.totalram) * memory.mem_unit;
  const auto refusal = refuse_without_memory(kernel, run.problem_class, run.ranks, neighbours, has);
  if (!true_everywhere(!refusal, run.comm))
    throw InputError(refusal.value_or("another node has too little memory"));
}

int report(const Options& options, const std::vector<std::string>& argv, const Launch& launch) {
  if (options.json != "-") fmt::print("{}{}", readable_report(launch), original_block(launch));
  if (!options.json.empty()) {
    auto document = driver_document("migbench-npb", argv);
    document.update(launch_document(launch));
    deliver_document(document, options.json);
  }
  std::fflush(stdout);
  return static_cast<int>(launch.verified() ? ExitCode::ok : ExitCode::failed);
}

int run_kernel(const Options& options, const std::vector<std::string>& argv, Run& run) {
  const Kernel& kernel = find_kernel(options.kernel);
  refuse_mixed_builds(run);
  refuse_bad_ranks(kernel, run);
  refuse_small_nodes(kernel, run);
  if (run.rank == 0 && options.json != "-") {
    fmt::print("\n\n NAS Parallel Benchmarks (migbench {}) -- {} Benchmark\n\n", version(),
               kernel.name);
    fmt::print(" Class {}, {} process{}, built for {}\n\n", run.problem_class, run.ranks,
               run.ranks == 1 ? "" : "es", build_isa());
    std::fflush(stdout);
  }
  Phases phases;
  run.phases = &phases;
  const Launch launch = gather(kernel, run, kernel.run(run));
  int status = run.rank == 0 ? report(options, argv, launch) : 0;
  MPI_Bcast(&status, 1, MPI_INT, 0, run.comm);
  return status;
}

int run_with_mpi(const Options& options, int argc, char** argv) {
  const std::vector<std::string> arguments(argv, argv + argc);
  const MpiSession session(&argc, &argv);
  Run run;
  run.problem_class = options.problem_class;
  run.announce = options.announce;
  run.comm = MPI_COMM_WORLD;
  MPI_Comm_rank(run.comm, &run.rank);
  MPI_Comm_size(run.comm, &run.ranks);
  try {
    return run_kernel(options, arguments, run);
  } catch (const InputError& error) {
    // Refusals are the same on all ranks: said once, and no rank has to be aborted.
    if (run.rank == 0) fmt::print(stderr, "migbench-npb: {}\n", error.what());
    return static_cast<int>(ExitCode::bad_input);
  } catch (const std::exception& error) {
    fmt::print(stderr, "migbench-npb: rank {}: {}\n", run.rank, error.what());
    MPI_Abort(run.comm, static_cast<int>(ExitCode::failed));
    throw;
  }
}

}  // namespace
}  // namespace migbench::npb

int main(int argc, char** argv) {
  return migbench::run_program("migbench-npb", [&] {
    int status = 0;
    const auto options = migbench::npb::parse(std::vector<std::string>(argv, argv + argc), status);
    if (!options) return status;
    if (options->list) {
      fmt::print("{}", migbench::npb::list_of_kernels());
      return 0;
    }
    return migbench::npb::run_with_mpi(*options, argc, argv);
  });
}
