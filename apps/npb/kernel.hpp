// One NAS Parallel Benchmark: what a kernel's file has to give, and the list of all of them.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <mpi.h>

#include "apps/npb/phases.hpp"

namespace migbench::npb {

/// A computed value beside the published one.
struct Check {
  std::string quantity;  ///< "checksum 3 (real)"
  double computed = 0;   ///< what this run gave
  double reference = 0;  ///< what the original's release 3.4 publishes
  double error = 0;      ///< relative; not a number where `computed` is none
  double tolerance = 0;  ///< the original's
  [[nodiscard]] bool passed() const noexcept { return error <= tolerance; }  // false for NaN
};

[[nodiscard]] Check check_value(std::string quantity, double computed, double reference,
                                double tolerance);

/// One timed run on one rank. The times are this rank's.
struct Result {
  std::array<long, 3> size{};  ///< as the original prints it; one or two zeros where it has fewer
  int iterations = 0;
  double seconds = 0;     ///< of the timed part, as the original defines it
  double operations = 0;  ///< in all ranks, by the original's formula
  std::string operation_type = "floating point";
  std::vector<double> iteration_seconds;
  std::vector<Check> checks;                               ///< on rank 0; elsewhere it may be empty
  std::vector<std::pair<std::string, std::string>> facts;  ///< what else a reader wants to know
};

/// What a kernel is given.
struct Run {
  char problem_class = 'S';
  MPI_Comm comm = MPI_COMM_NULL;
  int rank = 0;
  int ranks = 1;
  Phases* phases = nullptr;
  /// Rank 0 prints "migbench-npb: measuring" and "migbench-npb: measured" around the timed part.
  bool announce = false;
};

struct Kernel {
  std::string_view name;     ///< "FT"
  std::string_view summary;  ///< one line
  /// nullopt where `ranks` processes can run the class, else what would be right ("a power of
  /// two").
  std::function<std::optional<std::string>(char problem_class, int ranks)> refuse;
  /// Bytes that one rank allocates, about: what class D needs is said before it is tried.
  std::function<double(char problem_class, int ranks)> bytes_per_rank;
  /// Runs it on all ranks of Run::comm. Throws Error, std::bad_alloc.
  std::function<Result(const Run&)> run;
};

inline constexpr std::string_view kClasses = "SWABCD";

/// All kernels, sorted by name.
[[nodiscard]] const std::vector<Kernel>& kernels();
/// By name in any case. Throws InputError that lists the names.
[[nodiscard]] const Kernel& find_kernel(std::string_view name);

/// Adds a kernel before main: the one line at the end of a kernel's file.
struct KernelRegistration {
  explicit KernelRegistration(Kernel kernel);
};

/// "a power of two (such as 4)", or nullopt where `ranks` is one between 1 and `most`.
[[nodiscard]] std::optional<std::string> refuse_unless_power_of_two(int ranks, long most);

/// What to say where the `neighbours` ranks that share a node need more than the bytes it `has`.
[[nodiscard]] std::optional<std::string> refuse_without_memory(const Kernel& kernel,
                                                               char problem_class, int ranks,
                                                               int neighbours, double has);

/// The time between two points of a run, after all ranks have met.
class Stopwatch {
 public:
  /// Waits for all ranks, forgets the phases' times and starts.
  explicit Stopwatch(const Run& run);
  /// The end of one iteration.
  void lap();
  /// Fills in `seconds` and `iteration_seconds`.
  void stop(Result& result);

 private:
  bool announce_;
  std::int64_t start_ = 0;
  std::int64_t lap_ = 0;
  std::vector<double> laps_;
};

}  // namespace migbench::npb
