#include "harness/site/nodes/place_table.hpp"

#include <algorithm>
#include <fstream>

#include <fmt/format.h>

#include "bench/error.hpp"

namespace migbench {

void check_host_name(const std::string& name) {
  const bool good = !name.empty() && name.size() <= 63 && name.front() != '-' &&
                    name.back() != '-' && std::all_of(name.begin(), name.end(), [](char c) {
                      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                             (c >= '0' && c <= '9') || c == '-';
                    });
  if (!good)
    throw InputError(fmt::format(
        "'{}' cannot be a host name: use letters, digits and '-' inside, at most 63 of them",
        name));
}

void write_place(const std::filesystem::path& site, const PlaceEntry& entry) {
  check_host_name(entry.name);
  std::string text = "address " + entry.address + "\nsocket " + entry.socket + "\n";
  if (!entry.init.empty()) text += "init " + entry.init + "\n";
  if (!entry.cgroup.empty()) text += "cgroup " + entry.cgroup + "\n";
  for (const std::string& word : entry.via)
    text += "via " + word + "\n";
  // Not write_text(): nothing here outlives the machine, so there is nothing to sync to a disk, and
  // a move waits for this.
  const auto path = site / "places" / entry.name;
  const auto fresh = site / ("places." + entry.name);
  std::ofstream file(fresh, std::ios::trunc);
  file << text;
  file.close();
  std::error_code error;
  std::filesystem::rename(fresh, path, error);
  if (!file || error) throw Error(fmt::format("write {}: {}", path.string(), error.message()));
}

void remove_place(const std::filesystem::path& site, const std::string& name) {
  std::error_code ignored;
  std::filesystem::remove(site / "places" / name, ignored);
}

std::optional<PlaceEntry> read_place(const std::filesystem::path& site, const std::string& name) {
  if (name.empty() || name.find('/') != std::string::npos) return std::nullopt;
  std::ifstream file(site / "places" / name);
  if (!file) return std::nullopt;
  PlaceEntry entry;
  entry.name = name;
  for (std::string line; std::getline(file, line);) {
    const auto space = line.find(' ');
    const std::string key = line.substr(0, space);
    const std::string value = space == std::string::npos ? "" : line.substr(space + 1);
    if (key == "address") entry.address = value;
    if (key == "socket") entry.socket = value;
    if (key == "init") entry.init = value;
    if (key == "cgroup") entry.cgroup = value;
    if (key == "via") entry.via.push_back(value);
  }
  return entry;
}

}  // namespace migbench
