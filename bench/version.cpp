#include "bench/version.hpp"

#include <fmt/format.h>
#include <migbench_version.hpp>

namespace migbench {

std::string version() {
  return MIGBENCH_VERSION;
}
std::string commit() {
  return MIGBENCH_COMMIT;
}
std::string version_line(const std::string& program) {
  return fmt::format("{} {} (commit {})", program, version(), commit());
}

}  // namespace migbench
