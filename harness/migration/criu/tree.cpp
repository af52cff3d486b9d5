#include "harness/migration/criu/tree.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include <fmt/format.h>

namespace migbench::criu {
namespace {

struct Stat {
  char state = '\0';
  pid_t parent = 0;
};

Stat read_stat(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string line;
  std::getline(file, line);
  // The name, in parentheses, may hold anything.
  const auto end = line.rfind(')');
  if (end == std::string::npos || end + 4 > line.size()) return {};
  return {.state = line[end + 2],
          .parent = static_cast<pid_t>(std::strtol(line.c_str() + end + 4, nullptr, 10))};
}

}  // namespace

std::vector<pid_t> tree_of(pid_t root) {
  std::multimap<pid_t, pid_t> children;
  bool found = false;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const pid_t pid = static_cast<pid_t>(std::strtol(entry.path().filename().c_str(), nullptr, 10));
    if (pid <= 0) continue;
    found = found || pid == root;
    children.emplace(read_stat(pid).parent, pid);
  }
  std::vector<pid_t> tree;
  if (!found) return tree;
  tree.push_back(root);
  for (std::size_t at = 0; at < tree.size(); ++at) {
    const auto [begin, end] = children.equal_range(tree[at]);
    std::transform(begin, end, std::back_inserter(tree), [](const auto& c) { return c.second; });
  }
  return tree;
}

char state_of(pid_t pid) {
  return read_stat(pid).state;
}

bool runs(pid_t pid) {
  const char state = state_of(pid);
  return state != '\0' && std::string("TtZXx").find(state) == std::string::npos;
}

void signal_all(const std::vector<pid_t>& pids, int number) noexcept {
  for (const pid_t pid : pids)
    ::kill(pid, number);
}

}  // namespace migbench::criu
