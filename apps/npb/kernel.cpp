#include "apps/npb/kernel.hpp"

#include <algorithm>
#include <bit>
#include <cctype>
#include <cmath>
#include <cstdio>

#include <fmt/format.h>

#include "bench/clock.hpp"
#include "bench/error.hpp"

namespace migbench::npb {
namespace {

std::vector<Kernel>& registered() {
  static std::vector<Kernel> list;
  return list;
}

bool same_name(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](char a, char b) {
    return std::toupper(static_cast<unsigned char>(a)) ==
           std::toupper(static_cast<unsigned char>(b));
  });
}

void say(const char* what) {
  fmt::print("migbench-npb: {}\n", what);
  std::fflush(stdout);
}

}  // namespace

Check check_value(std::string quantity, double computed, double reference, double tolerance) {
  return {std::move(quantity), computed, reference, std::abs((computed - reference) / reference),
          tolerance};
}

KernelRegistration::KernelRegistration(Kernel kernel) {
  auto& list = registered();
  const auto place =
      std::find_if(list.begin(), list.end(), [&](const Kernel& k) { return k.name > kernel.name; });
  list.insert(place, std::move(kernel));
}

const std::vector<Kernel>& kernels() {
  return registered();
}

const Kernel& find_kernel(std::string_view name) {
  std::string known;
  for (const Kernel& kernel : registered()) {
    if (same_name(kernel.name, name)) return kernel;
    known += (known.empty() ? "" : ", ") + std::string(kernel.name);
  }
  throw InputError(fmt::format("there is no kernel '{}'; known are: {}", name, known));
}

std::optional<std::string> refuse_unless_power_of_two(int ranks, long most) {
  const auto below = static_cast<long>(std::bit_floor(static_cast<unsigned long>(ranks)));
  if (below == ranks && ranks <= most) return std::nullopt;
  return fmt::format("a power of two up to {} (such as {})", most, std::min(below, most));
}

std::optional<std::string> refuse_without_memory(const Kernel& kernel, char problem_class,
                                                 int ranks, int neighbours, double has) {
  const double needs = kernel.bytes_per_rank(problem_class, ranks) * neighbours;
  if (needs <= has) return std::nullopt;
  return fmt::format(
      "{} of class {} needs {:.1f} GiB for the {} of its ranks on a node that has {:.1f} GiB: take "
      "a "
      "smaller class or more nodes",
      kernel.name, problem_class, needs / 0x1p30, neighbours, has / 0x1p30);
}

Stopwatch::Stopwatch(const Run& run) : announce_(run.announce && run.rank == 0) {
  if (announce_) say("measuring");
  MPI_Barrier(run.comm);
  run.phases->restart();
  start_ = lap_ = now_ns();
}

void Stopwatch::lap() {
  const std::int64_t now = now_ns();
  laps_.push_back(static_cast<double>(now - lap_) * 1e-9);
  lap_ = now;
}

void Stopwatch::stop(Result& result) {
  result.seconds = static_cast<double>(now_ns() - start_) * 1e-9;
  result.iteration_seconds = std::move(laps_);
  if (announce_) say("measured");
}

}  // namespace migbench::npb
