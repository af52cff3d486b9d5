#include "harness/run/foreign_load.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "bench/clock.hpp"

namespace migbench {
namespace {

struct ProcessTimes {
  pid_t parent = 0;
  double ticks = 0;  ///< its own and those of the children that it has waited for
};

/// Fields of /proc/PID/stat (proc(5)): 4 ppid, 14 to 17 utime, stime, cutime, cstime. The command
/// may hold blanks and brackets, so counting begins behind the last bracket.
bool parse_stat(const std::string& line, ProcessTimes& times) {
  const auto bracket = line.rfind(')');
  if (bracket == std::string::npos) return false;
  std::istringstream fields(line.substr(bracket + 1));
  std::string skipped;
  fields >> skipped >> times.parent;
  for (int field = 5; field < 14; ++field)
    fields >> skipped;
  for (int field = 14; field <= 17; ++field) {
    double ticks = 0;
    fields >> ticks;
    times.ticks += ticks;
  }
  return static_cast<bool>(fields);
}

std::map<pid_t, ProcessTimes> all_processes() {
  std::map<pid_t, ProcessTimes> table;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const auto name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file(entry.path() / "stat");
    std::string line;
    ProcessTimes times;
    if (std::getline(file, line) && parse_stat(line, times)) table[std::stoi(name)] = times;
  }
  return table;
}

/// Of this process and all its living descendants. Those that died are in the figures of whoever
/// waited for them, and he is a descendant too (a node's process 1, if nobody else).
double own_ticks() {
  const auto table = all_processes();
  const auto is_own = [&](pid_t pid) {
    for (int depth = 0; pid > 1 && depth < 1000; ++depth) {
      if (pid == ::getpid()) return true;
      const auto found = table.find(pid);
      if (found == table.end()) return false;
      pid = found->second.parent;
    }
    return false;
  };
  double sum = 0;
  for (const auto& [pid, times] : table)
    sum += is_own(pid) ? times.ticks : 0;
  return sum;
}

}  // namespace

ForeignLoad::Reading ForeignLoad::read() {
  Reading reading;
  const auto ticks_a_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  // "cpu user nice system idle iowait irq softirq steal guest guest_nice"; guest is in user.
  std::ifstream file("/proc/stat");
  std::string label;
  std::array<double, 8> ticks{};
  file >> label;
  for (double& value : ticks)
    file >> value;
  reading.good = static_cast<bool>(file) && label == "cpu";
  reading.busy_s = (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]) / ticks_a_second;
  reading.stolen_s = ticks[7] / ticks_a_second;
  reading.own_s = own_ticks() / ticks_a_second;
  reading.cpus = static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN));
  reading.at_ns = now_ns();
  return reading;
}

ForeignLoad::ForeignLoad() : start_(read()) {
  if (::getloadavg(load_.data(), 3) != 3) load_.fill(-1.0);
}

nlohmann::json ForeignLoad::since() const {
  const auto end = read();
  const bool good = start_.good && end.good;
  const double elapsed = static_cast<double>(end.at_ns - start_.at_ns) / 1e9;
  const double busy = end.busy_s - start_.busy_s;
  const double own = end.own_s - start_.own_s;
  const double foreign = std::max(0.0, busy - own);
  const auto or_null = [&](double value) { return good ? nlohmann::json(value) : nullptr; };
  return {{"loadavg_start", load_[0] < 0 ? nlohmann::json() : nlohmann::json(load_)},
          {"elapsed_s", elapsed},
          {"busy_cpu_s", or_null(busy)},
          {"own_cpu_s", or_null(own)},
          {"foreign_cpu_s", or_null(foreign)},
          {"stolen_cpu_s", or_null(end.stolen_s - start_.stolen_s)},
          {"foreign_share", or_null(elapsed > 0 ? foreign / (elapsed * end.cpus) : 0)}};
}

}  // namespace migbench
