#include "bench/host_facts.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/utsname.h>
#include <unistd.h>

namespace migbench {
namespace {

using nlohmann::json;

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

json line_or_null(const std::string& path) {
  const auto line = first_line(path);
  return line.empty() ? json() : json(line);
}

/// The value behind "key : value" or "key=value" in a file such as /proc/cpuinfo or os-release.
json value_or_null(const std::string& path, std::string_view key, char separator) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const auto at = line.find(separator);
    if (at == std::string::npos || line.compare(0, key.size(), key) != 0) continue;
    const auto begin = line.find_first_not_of(" \t\"", at + 1);
    if (begin == std::string::npos) continue;
    return line.substr(begin, line.find_last_not_of(" \t\"") - begin + 1);
  }
  return {};
}

json cpu_facts() {
  const std::filesystem::path root = "/sys/devices/system/cpu";
  std::set<std::string> sockets;
  std::set<std::pair<std::string, std::string>> cores;
  int logical = 0;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(root, ignored)) {
    const auto topology = entry.path() / "topology";
    if (!std::filesystem::exists(topology / "core_id", ignored)) continue;
    ++logical;
    const auto socket = first_line(topology / "physical_package_id");
    sockets.insert(socket);
    cores.emplace(socket, first_line(topology / "core_id"));
  }
  const auto flags = value_or_null("/proc/cpuinfo", "flags", ':');
  return {{"model", value_or_null("/proc/cpuinfo", "model name", ':')},
          {"logical", logical},
          {"cores", cores.size()},
          {"sockets", sockets.size()},
          {"smt", line_or_null(root / "smt/active")},
          {"governor", line_or_null(root / "cpu0/cpufreq/scaling_governor")},
          {"hypervisor",
           flags.is_string() && flags.get<std::string>().find("hypervisor") != std::string::npos}};
}

std::size_t numa_nodes() {
  std::error_code ignored;
  std::size_t count = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator("/sys/devices/system/node", ignored)) {
    const auto name = entry.path().filename().string();
    count +=
        name.rfind("node", 0) == 0 && name.size() > 4 && name[4] >= '0' && name[4] <= '9' ? 1U : 0U;
  }
  return count;
}

}  // namespace

json host_facts() {
  utsname name{};
  ::uname(&name);
  std::array<double, 3> load{};
  const bool have_load =
      ::getloadavg(load.data(), static_cast<int>(load.size())) == static_cast<int>(load.size());
  const long pages = ::sysconf(_SC_PHYS_PAGES);
  return {{"hostname", name.nodename},
          {"kernel", name.release},
          {"os", value_or_null("/etc/os-release", "PRETTY_NAME", '=')},
          {"architecture", name.machine},
          {"cpu", cpu_facts()},
          {"numa_nodes", numa_nodes()},
          {"memory_bytes", pages > 0 ? json(pages * ::sysconf(_SC_PAGESIZE)) : json()},
          {"load", have_load ? json(load) : json()},
          {"clocksource",
           line_or_null("/sys/devices/system/clocksource/clocksource0/current_clocksource")},
          {"time", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)))}};
}

json environment_that_matters() {
  constexpr std::array<std::string_view, 11> prefixes{"OMPI_",
                                                      "PMIX_",
                                                      "PRTE_",
                                                      "UCX_",
                                                      "FI_",
                                                      "OMP_",
                                                      "MALLOC_",
                                                      "LD_PRELOAD=",
                                                      "LD_LIBRARY_PATH=",
                                                      "GLIBC_TUNABLES=",
                                                      "RDMAV_"};
  json found = json::object();
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    if (std::any_of(prefixes.begin(), prefixes.end(),
                    [&](std::string_view p) { return text.substr(0, p.size()) == p; })) {
      found[std::string(text.substr(0, equals))] = text.substr(equals + 1);
    }
  }
  return found;
}

}  // namespace migbench
