// migbench-blast original: runs an installed mpiBLAST. Every rank of mpirun is this program, which
// runs mpiblast as its child (MPI reads the rank from the environment, so that the child is the
// rank): rank 0 makes the data and the configuration before, and reads the time profile and checks
// the hits after. mpiBLAST wants a directory that all ranks see; where there is none, every host
// makes the same data for itself (--each-host).
#include <cstdlib>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <string_view>
#include <thread>

#include <fmt/format.h>

#include "apps/blast/engine.hpp"
#include "apps/blast/program/commands.hpp"
#include "apps/blast/synthetic.hpp"
#include "apps/blast/time_profile.hpp"
#include "apps/blast/verify.hpp"
#include "bench/document.hpp"
#include "bench/driver_document.hpp"
#include "bench/error.hpp"

namespace migbench::blast {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct OriginalOptions {
  std::string synthetic, json_file, program = "blastn";
  fs::path work;
  unsigned fragments = 4;
  bool each_host = false;
  std::vector<std::string> further;
  std::vector<std::string> argv;
};

/// What the launcher tells a process that has not called MPI_Init: Open MPI, PMIx, MPICH and Slurm.
int number_from_environment(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (const char* value = std::getenv(name)) return std::atoi(value);
  }
  throw InputError("start this with mpirun: mpirun -np 4 migbench-blast original ...");
}
int rank_from_environment() {
  return number_from_environment({"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"});
}
int rank_on_host_from_environment() {
  return number_from_environment(
      {"OMPI_COMM_WORLD_LOCAL_RANK", "PMIX_LOCAL_RANK", "MPI_LOCALRANKID", "SLURM_LOCALID"});
}

/// mpiBLAST reads its directories from a file that the NCBI toolkit looks for through $NCBI.
void write_configuration(const fs::path& work) {
  write_text(work / ".ncbirc",
             fmt::format("[NCBI]\nData={0}\n\n[mpiBLAST]\nShared={0}\nLocal={0}\n", work.string()));
}

void make_data(const OriginalOptions& options, const SyntheticSpec& spec) {
  fs::create_directories(options.work);
  write_database(spec, options.work / "database.fa");
  write_queries(spec, options.work / "queries.fa", options.work / "truth.tsv");
  write_configuration(options.work);
  ::setenv("NCBI", options.work.c_str(), 1);
  run_tool({"mpiformatdb", "-N", fmt::format("{}", options.fragments), "-i",
            (options.work / "database.fa").string(), "-p",
            spec.molecule == Molecule::protein ? "T" : "F"});
}

constexpr std::string_view kMarker = "ready-";

/// Their markers: this job's own stays, since it cannot know that all ranks have seen it.
void forget_jobs(const fs::path& work) {
  std::error_code none_there;
  for (const auto& entry : fs::directory_iterator(work, none_there))
    if (entry.path().filename().string().rfind(kMarker, 0) == 0) fs::remove(entry.path());
}

void wait_for_data(const fs::path& marker) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(10);
  while (!fs::exists(marker)) {
    if (std::chrono::steady_clock::now() > until)
      throw Error(fmt::format(
          "no data was made in 10 minutes ({} is missing): is {} a directory that all ranks see? "
          "Else say --each-host",
          marker.string(), marker.parent_path().string()));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

json time_profile(const fs::path& file) {
  std::ifstream profile(file);
  if (!profile) return nullptr;
  return read_time_profile({std::istreambuf_iterator<char>(profile), {}});
}

/// mpiBLAST's own time where it says so: that of the program has in it how long its ranks waited
/// for each other to start.
double seconds_of_search(const json& profile, double program_s) {
  if (profile.is_null()) return program_s;
  return profile.at("seconds").value("overall execution time", program_s);
}

int report(const OriginalOptions& options, const SyntheticSpec& spec, double seconds) {
  json document = driver_document("migbench-blast", options.argv);
  document["engine"] = {{"program", "mpiblast"}, {"version", nullptr}};
  const json profile = time_profile(options.work / "profile");
  document["search_s"] = seconds_of_search(profile, seconds);
  document["program_s"] = seconds;
  document["queries"] = spec.queries;
  document["time_profile"] = profile;
  document["truth"] = compare_with_truth(options.work / "truth.tsv", options.work / "hits.tsv");
  if (options.json_file.empty()) fmt::print("{} queries in {:.3f} s\n", spec.queries, seconds);
  deliver_document(document, options.json_file);
  return 0;
}

int run_original(const OriginalOptions& options) {
  const int rank = rank_from_environment();
  const auto spec = parse_spec(options.synthetic);
  if ((options.program == "blastp") != (spec.molecule == Molecule::protein)) {
    throw InputError(
        fmt::format("{} does not search a {} database", options.program, name(spec.molecule)));
  }
  // The job's own marker: an earlier job's must not let this one start.
  const char* job = std::getenv("PMIX_NAMESPACE");
  const fs::path marker =
      options.work /
      fmt::format("{}{}", kMarker, job != nullptr ? fs::path(job).filename().string() : "job");
  const bool makes_data = options.each_host ? rank_on_host_from_environment() == 0 : rank == 0;
  if (makes_data) {
    forget_jobs(options.work);
    make_data(options, spec);
    write_text(marker, "\n");
  } else {
    wait_for_data(marker);
  }
  ::setenv("NCBI", options.work.c_str(), 1);
  ::setenv("MPIBLAST_SHARED", options.work.c_str(), 1);
  ::setenv("MPIBLAST_LOCAL", options.work.c_str(), 1);
  std::vector<std::string> argv{
      "mpiblast",
      "-d",
      "database.fa",
      "-i",
      (options.work / "queries.fa").string(),
      "-p",
      options.program,
      "-m",
      "8",
      "-o",
      (options.work / "hits.tsv").string(),
      fmt::format("--time-profile={}", (options.work / "profile").string())};
  argv.insert(argv.end(), options.further.begin(), options.further.end());
  const auto start = std::chrono::steady_clock::now();
  run_tool(argv);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (rank != 0) return 0;
  return report(options, spec, seconds);
}

}  // namespace

void add_original(CLI::App& app, Action& chosen, const std::vector<std::string>& argv) {
  auto options = std::make_shared<OriginalOptions>();
  options->argv = argv;
  auto* sub = app.add_subcommand(
      "original", "run an installed mpiBLAST on synthetic data (ranks = workers + 2)");
  sub->add_option("--synthetic", options->synthetic, "the SPEC of 'generate'")->required();
  sub->add_option("--work", options->work, "directory that all ranks see")->required();
  sub->add_flag(
      "--each-host", options->each_host,
      "every host makes its own copy of the data: the directory is on each host alone (the "
      "ranks 0 and 1, which schedules and writes, must be on one)");
  sub->add_option("-n,--fragments", options->fragments, "of the database")->capture_default_str();
  sub->add_option("--program", options->program, "blastn or blastp")->capture_default_str();
  sub->add_option("--mpiblast-option", options->further,
                  "a word passed to mpiblast as it is: --mpiblast-option=--use-parallel-write");
  sub->add_option("--json", options->json_file,
                  "write a JSON document to this file, - for standard output");
  sub->footer(
      "Example: mpirun -np 4 migbench-blast original --synthetic seed=7,queries=100 --work "
      "/shared/blast");
  sub->callback([options, &chosen] { chosen = [options] { return run_original(*options); }; });
}

}  // namespace migbench::blast
