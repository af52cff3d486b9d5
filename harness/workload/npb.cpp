// npb-bt, npb-cg ... npb-sp: the NAS Parallel Benchmarks, built in or as installed originals.
#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "bench/error.hpp"
#include "harness/programs.hpp"
#include "harness/workload/driver.hpp"
#include "harness/workload/driver_output.hpp"
#include "harness/workload/inside.hpp"
#include "harness/workload/npb_block.hpp"
#include "harness/workload/parameter.hpp"
#include "harness/workload/workload.hpp"

namespace migbench {
namespace {

using nlohmann::json;

constexpr const char* kNpb = "migbench-npb";
constexpr const char* kDirectoryVariable = "MIGBENCH_NPB_DIR";

std::string problem_class(const json& parameters) {
  return one_of(parameters, "class", {"S", "W", "A", "B", "C", "D"});
}

/// "ft.A.x" (release 3.4, and OpenMP) or "ft.A.4" (up to 3.3, where the count is compiled in): in
/// the given directory, else in $MIGBENCH_NPB_DIR, else in PATH. By its name alone where it is not
/// here: the nodes' own PATH may have it.
std::filesystem::path find_original(const std::string& kernel, const json& parameters, int ranks) {
  auto directory = parameter<std::string>(parameters, "directory");
  if (const char* variable = std::getenv(kDirectoryVariable);
      directory.empty() && variable != nullptr)
    directory = variable;
  const std::string stem = fmt::format("{}.{}", kernel, problem_class(parameters));
  for (const auto& name : {stem + ".x", fmt::format("{}.{}", stem, ranks), stem}) {
    if (directory.empty()) {
      if (auto found = look_for_program(name); !found.empty()) return found;
      continue;
    }
    std::error_code ignored;
    const auto candidate = std::filesystem::path(directory) / name;
    if (std::filesystem::is_regular_file(candidate, ignored))
      return std::filesystem::absolute(candidate);
  }
  if (directory.empty()) return stem + ".x";
  throw InputError(
      fmt::format("parameter \"implementation\": the original {0}.x (or {0}.{1}) is "
                  "not in {2}: build it there; \"builtin\" needs nothing",
                  stem, ranks, directory));
}

class Npb : public Workload {
 public:
  Npb(std::string kernel, std::string summary, int ranks)
      : kernel_(std::move(kernel)),
        name_("npb-" + kernel_),
        summary_(std::move(summary)),
        ranks_(ranks) {}

  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] std::string_view summary() const override { return summary_; }
  [[nodiscard]] Support check(const Site* /*site*/) const override {
    if (look_for_program(kNpb).empty())
      return Unsupported{fmt::format("{} is not there", kNpb),
                         "build it: scripts/build.sh builds all programs"};
    if (look_for_program("mpirun").empty())
      return Unsupported{"mpirun is not in PATH", "install Open MPI: apt-get install openmpi-bin"};
    return {};
  }

  [[nodiscard]] json defaults() const override {
    return {{"class", "S"},
            {"ranks", ranks_},
            {"instances", 2},
            {"isa", "auto"},
            {"implementation", "builtin"},
            {"variant", "mpi"},
            {"directory", ""},
            {"placement", "free"},
            {"transport", "auto"},
            {"launcher", "head"},
            {"mca", json::array()}};
  }

  [[nodiscard]] Job job(const json& parameters) const override {
    Job job;
    const int ranks = whole_parameter(parameters, "ranks", 1, 1'000'000);
    job.placement = placement_parameter(parameters);
    job.transport = parameter<std::string>(parameters, "transport");
    job.mca = parameter<std::vector<std::string>>(parameters, "mca");
    const bool original =
        one_of(parameters, "implementation", {"builtin", "original"}) == "original";
    if (one_of(parameters, "variant", {"mpi", "omp"}) == "omp") {
      if (!original)
        throw InputError(
            "parameter \"variant\": omp is there for originals only; the built-in "
            "kernels use MPI");
      if (job.placement == "core")
        throw InputError(
            "parameter \"placement\": one core would hold all threads of the variant omp; take "
            "socket");
      // One process whose threads are as many as the MPI variant has ranks.
      job.program.env["OMP_NUM_THREADS"] = std::to_string(ranks);
    } else {
      refuse_ranks(ranks);
      job.ranks = ranks;
      job.instances = whole_parameter(parameters, "instances", 1, 10'000);
      if (job.instances > ranks)
        throw InputError(fmt::format("parameter \"instances\": {} is more than the {} ranks",
                                     job.instances, ranks));
    }
    if (original) {
      job.programs = {find_original(kernel_, parameters, ranks)};
      job.program.argv = {job.programs.front().string()};
    } else {
      job.program.argv = builtin(parameters);
      job.begins = "migbench-npb: measuring";
      job.ends = "migbench-npb: measured";
    }
    return launched_as(parameters, std::move(job));
  }

  [[nodiscard]] std::vector<Metric> metrics(const json& parameters,
                                            const Finished& finished) const override {
    if (parameter<std::string>(parameters, "implementation") == "original")
      return original_metrics(parameters, finished);
    return read_document(finished, kNpb, [&](const json& found) {
      if (!found.at("verified").get<bool>()) throw Error(name_ + ": verification failed");
      require_same(found.at("kernel"), found.at("class"), parameters);
      const auto laps = found.at("iteration_seconds").get<std::vector<double>>();
      std::vector<Metric> list = metrics_of(found.at("mops"), found.at("seconds"));
      if (!laps.empty())
        list.push_back({"longest-iteration", json::object(),
                        *std::max_element(laps.begin(), laps.end()), "s", Better::lower});
      return list;
    });
  }

  [[nodiscard]] json document(const Finished& finished) const override {
    auto found = find_driver_document(finished, kNpb);
    if (!found.is_null() || !has_npb_block(finished.out)) return found;
    return npb_block_document(parse_npb_block(finished.out));
  }

 private:
  [[nodiscard]] std::vector<std::string> builtin(const json& parameters) const {
    return {driver_word(kNpb),
            kernel_,
            "--class",
            problem_class(parameters),
            "--isa",
            one_of(parameters, "isa", {"auto", "default", "x86-64-v3", "x86-64-v4", "native"}),
            "--announce",
            "--json",
            "-"};
  }

  /// As the originals have it, and before anything is brought up.
  void refuse_ranks(int ranks) const {
    const auto is_power_of_two = [](int n) { return (n & (n - 1)) == 0; };
    const auto is_square = [](int n) {
      const int root = static_cast<int>(std::lround(std::sqrt(n)));
      return root * root == n;
    };
    // LU wants P1 x P2 with P1/2 <= P2 <= P1: the widest such pair of factors decides.
    const auto is_lu_array = [](int n) {
      for (int p2 = static_cast<int>(std::sqrt(n)); p2 > 0; --p2)
        if (n % p2 == 0) return n / p2 <= 2 * p2;
      return false;
    };
    const bool fits = kernel_ == "bt" || kernel_ == "sp" ? is_square(ranks)
                      : kernel_ == "lu"                  ? is_lu_array(ranks)
                      : kernel_ == "ep"                  ? true
                                                         : is_power_of_two(ranks);
    if (fits) return;
    throw InputError(fmt::format(
        "parameter \"ranks\": {} cannot run with {} processes: it wants {}", name_, ranks,
        kernel_ == "bt" || kernel_ == "sp" ? "a square number"
        : kernel_ == "lu"                  ? "P1 x P2 processes with P1/2 <= P2 <= P1"
                                           : "a power of two"));
  }

  void require_same(const std::string& kernel, const std::string& ran_class,
                    const json& parameters) const {
    std::string lower = kernel;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    if (lower != kernel_ || ran_class != problem_class(parameters))
      throw Error(fmt::format("asked for {} of class {}, but {} of class {} was run", kernel_,
                              problem_class(parameters), lower, ran_class));
  }

  [[nodiscard]] std::vector<Metric> original_metrics(const json& parameters,
                                                     const Finished& finished) const {
    if (!finished.ok())
      throw Error(
          fmt::format("{} (originals are looked for in the parameter \"directory\", in {} "
                      "and in PATH)",
                      describe(finished), kDirectoryVariable));
    const NpbBlock block = parse_npb_block(finished.out);
    require_same(block.kernel, block.problem_class, parameters);
    if (!block.verified)
      throw Error(
          fmt::format("{} of class {}: the original says its verification was not "
                      "successful; its figures mean nothing",
                      kernel_, block.problem_class));
    const int ranks = parameter<int>(parameters, "ranks");
    if (block.processes && *block.processes != ranks)
      throw Error(fmt::format("asked for {} {}, but {} ran", ranks,
                              block.threads ? "threads" : "processes", *block.processes));
    auto list = metrics_of(block.mops, block.seconds);
    // 0.00 s is printed for a run of up to 5 ms: no time, but the rate is still right.
    if (block.seconds == 0) list.pop_back();
    return list;
  }

  static std::vector<Metric> metrics_of(double mops, double seconds) {
    return {{"rate", json::object(), mops, "Mop/s", Better::higher},
            {"run-time", json::object(), seconds, "s", Better::lower}};
  }

  std::string kernel_;
  std::string name_;
  std::string summary_;
  int ranks_;
};

#define MIGBENCH_NPB(Type, kernel, what, ranks)                      \
  struct Type : Npb {                                                \
    Type() : Npb(kernel, "NAS Parallel Benchmarks: " what, ranks) {} \
  };                                                                 \
  MIGBENCH_REGISTER(Workload, Type)

MIGBENCH_NPB(NpbBt, "bt", "flow solver, block tridiagonal lines", 4);
MIGBENCH_NPB(NpbCg, "cg", "conjugate gradients with a sparse matrix", 2);
MIGBENCH_NPB(NpbEp, "ep", "random numbers, no communication", 2);
MIGBENCH_NPB(NpbFt, "ft", "3-D Fourier transforms, all-to-all", 2);
MIGBENCH_NPB(NpbIs, "is", "ranking of integer keys", 2);
MIGBENCH_NPB(NpbLu, "lu", "flow solver, triangular sweeps", 2);
MIGBENCH_NPB(NpbMg, "mg", "multigrid on a periodic cube", 2);
MIGBENCH_NPB(NpbSp, "sp", "flow solver, pentadiagonal lines", 4);

}  // namespace
}  // namespace migbench
