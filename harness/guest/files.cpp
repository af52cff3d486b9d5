#include "harness/guest/files.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <span>

#include <fmt/format.h>
#include <unistd.h>

#include "bench/error.hpp"
#include "bench/sha256.hpp"

namespace migbench::guest {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw system_error("open " + path.string());
  std::string content{std::istreambuf_iterator<char>(stream), {}};
  if (stream.bad()) throw system_error("read " + path.string());
  return content;
}

std::string content_id(std::string_view content) {
  Sha256 sum;
  sum.add(std::as_bytes(std::span(content)));
  return sum.finish().substr(0, 24);
}

fs::path cache_directory() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value != nullptr ? value : "");
  };
  if (const std::string own = variable("MIGBENCH_CACHE"); !own.empty()) return own;
  if (const std::string xdg = variable("XDG_CACHE_HOME"); !xdg.empty())
    return fs::path(xdg) / "migbench";
  if (const std::string home = variable("HOME"); !home.empty())
    return fs::path(home) / ".cache/migbench";
  return "/var/cache/migbench";
}

fs::path cached(const std::string& name, const std::function<void(const fs::path&)>& make) {
  const fs::path path = cache_directory() / name;
  if (fs::exists(path)) return path;
  fs::create_directories(path.parent_path());
  const fs::path unfinished = fmt::format("{}.{}.new", path.string(), ::getpid());
  try {
    make(unfinished);
    fs::rename(unfinished, path);
  } catch (...) {
    std::error_code ignored;
    fs::remove(unfinished, ignored);
    throw;
  }
  return path;
}

}  // namespace migbench::guest
