// migbench-npb: starts the build of the kernels that is the best for this processor, or the one
// that
// --isa or MIGBENCH_NPB_ISA names.
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "bench/error.hpp"
#include "bench/program.hpp"

namespace {

using migbench::InputError;

bool processor_has([[maybe_unused]] std::string_view level) {
  if (level == "default" || level == "native") return true;
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool v3 = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0 &&
                  __builtin_cpu_supports("bmi2") != 0;
  if (level == "x86-64-v3") return v3;
  if (level == "x86-64-v4")
    return v3 && __builtin_cpu_supports("avx512f") != 0 &&
           __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
           __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512cd") != 0;
#endif
  return false;
}

/// The builds lie beside this program.
std::filesystem::path program_of(std::string_view level) {
  if (level.find('/') != std::string_view::npos) return {};
  auto candidate = std::filesystem::read_symlink("/proc/self/exe").parent_path() /
                   fmt::format("migbench-npb-{}", level);
  return std::filesystem::exists(candidate) ? candidate : std::filesystem::path();
}

std::string asked_level(const std::vector<std::string>& arguments) {
  for (std::size_t at = 1; at < arguments.size(); ++at) {
    if (arguments[at] == "--isa" && at + 1 < arguments.size()) return arguments[at + 1];
    if (arguments[at].starts_with("--isa=")) return arguments[at].substr(6);
  }
  const char* variable = std::getenv("MIGBENCH_NPB_ISA");
  return variable == nullptr || *variable == '\0' ? "auto" : variable;
}

std::filesystem::path choose(const std::string& asked) {
  if (asked == "auto") {
    for (const auto* level : {"native", "x86-64-v4", "x86-64-v3", "default"})
      if (processor_has(level))
        if (auto program = program_of(level); !program.empty()) return program;
    throw migbench::Error(
        "no build of the kernels (migbench-npb-default ...) lies beside migbench-npb: "
        "is the installation whole?");
  }
  auto program = program_of(asked);
  if (program.empty())
    throw InputError(fmt::format(
        "--isa: there is no build for '{}'; known are auto, default, x86-64-v3, x86-64-v4 where "
        "they were built (MIGBENCH_NPB_LEVELS)",
        asked));
  if (!processor_has(asked)) throw InputError(fmt::format("--isa: this processor lacks {}", asked));
  return program;
}

}  // namespace

int main(int argc, char** argv) {
  return migbench::run_program("migbench-npb", [&]() -> int {
    const auto program = choose(asked_level({argv, argv + argc}));
    ::execv(program.c_str(), argv);
    throw migbench::system_error(fmt::format("cannot start {}", program.string()));
  });
}
