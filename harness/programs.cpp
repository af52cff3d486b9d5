#include "harness/programs.hpp"

#include <cstdlib>
#include <string>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

#include "bench/error.hpp"

namespace migbench {
namespace {

namespace fs = std::filesystem;

fs::path own_directory() {
  std::error_code failed;
  const auto self = fs::read_symlink("/proc/self/exe", failed);
  return failed ? fs::path() : self.parent_path();
}

bool is_program(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

void add_directory(std::vector<fs::path>& list, const fs::path& directory) {
  std::error_code ignored;
  if (fs::is_directory(directory, ignored)) list.push_back(fs::canonical(directory, ignored));
}

}  // namespace

fs::path look_for_program(std::string_view name) {
  if (const auto beside = own_directory() / name; is_program(beside)) return beside;
  const char* variable = std::getenv("PATH");
  std::string_view rest = variable != nullptr ? variable : "/usr/local/bin:/usr/bin:/bin";
  while (!rest.empty()) {
    const auto colon = rest.find(':');
    const auto entry = rest.substr(0, colon);
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
    // A relative entry means another file in every directory: not for a path that is stored.
    if (entry.empty() || entry.front() != '/') continue;
    if (const auto candidate = fs::path(entry) / name; is_program(candidate)) return candidate;
  }
  return {};
}

fs::path find_program(std::string_view name) {
  auto found = look_for_program(name);
  if (found.empty()) {
    const bool ours = name.substr(0, 9) == "migbench-";
    throw Error(fmt::format("the program '{}' is neither in {} nor in PATH: {}", name,
                            own_directory().string(),
                            ours ? "build it (scripts/build.sh) or install migbench whole"
                                 : "install it (scripts/setup.sh lists the packages)"));
  }
  return found;
}

std::vector<fs::path> shared_directories(std::string_view kind) {
  std::vector<fs::path> list;
  const fs::path source = MIGBENCH_SOURCE_DIRECTORY;
  add_directory(list, source / (kind == "schema" ? "results" : "harness") / kind);
  add_directory(list, own_directory().parent_path() / "share" / "migbench" / kind);
  return list;
}

}  // namespace migbench
