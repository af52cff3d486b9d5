// migbench-pingpong: latency and bandwidth between two ranks, or several pairs of them.
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "bench/error.hpp"
#include "bench/program.hpp"
#include "pingpong/options.hpp"
#include "pingpong/run.hpp"
#include "pingpong/session.hpp"

namespace {

using namespace migbench;

/// Whether this process is not the first of a job: before MPI_Init only the launcher's variables
/// tell (Open MPI, PMIx, MPICH's Hydra, Slurm).
bool launched_as_another() {
  for (const char* variable : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"}) {
    if (const char* rank = std::getenv(variable)) return std::string(rank) != "0";
  }
  return false;
}

/// Every rank gets here with the same error. It is printed before any rank ends: mpirun kills the
/// others as soon as one has returned an exit code.
int refuse(const pingpong::Session& session, const InputError& error) {
  if (session.rank() == 0) fmt::print(stderr, "migbench-pingpong: {}\n", error.what());
  pingpong::quiet_barrier();
  return static_cast<int>(ExitCode::bad_input);
}

/// What one rank alone could not do stops all: the others would wait for it for ever.
int give_up(const pingpong::Session& session, const std::exception& error) {
  fmt::print(stderr, "migbench-pingpong: rank {}: {}\n", session.rank(), error.what());
  MPI_Abort(MPI_COMM_WORLD, static_cast<int>(ExitCode::failed));
  return static_cast<int>(ExitCode::failed);
}

int measure(int argc, char** argv, const std::optional<pingpong::Options>& options,
            const std::optional<InputError>& mistake) {
  const std::vector<std::string> arguments(argv, argv + argc);
  const pingpong::Session session(argc, argv);
  try {
    if (mistake) return refuse(session, *mistake);
    return pingpong::run(session, *options, arguments);
  } catch (const InputError& error) {
    return refuse(session, error);
  } catch (const std::exception& error) {
    return give_up(session, error);
  }
}

int body(int argc, char** argv) {
  std::optional<InputError> mistake;
  pingpong::Parsed parsed;
  try {
    parsed = pingpong::parse_options(argc, argv);
  } catch (const InputError& error) {
    mistake = error;
  }
  if (!mistake && !parsed.options) {
    if (!launched_as_another()) fmt::print("{}", parsed.text);
    return static_cast<int>(ExitCode::ok);
  }
  return measure(argc, argv, parsed.options, mistake);
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("migbench-pingpong", [&] { return body(argc, argv); });
}
