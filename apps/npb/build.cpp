#include "apps/npb/build.hpp"

#include <filesystem>
#include <system_error>

#include "apps/npb/lanes.hpp"
#include "bench/sha256.hpp"

namespace migbench::npb {

std::string_view build_compiler() {
#ifdef __clang__
  return "Clang " __clang_version__;
#else
  return "GCC " __VERSION__;
#endif
}

std::string_view build_flags() {
  return MIGBENCH_NPB_FLAGS;
}

std::string_view build_isa() {
  return MIGBENCH_NPB_ISA;
}

nlohmann::json build_document() {
  nlohmann::json binary = nullptr;
  std::error_code failed;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", failed);
  // The link itself is read, not the name: a rebuilt file of that name is another program.
  if (!failed) binary = {{"path", path.string()}, {"sha256", sha256_of_file("/proc/self/exe")}};
  return {{"compiler", build_compiler()},
          {"flags", build_flags()},
          {"isa", build_isa()},
          {"lanes", kLanes},
          {"binary", binary}};
}

}  // namespace migbench::npb
