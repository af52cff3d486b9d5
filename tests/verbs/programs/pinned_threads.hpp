// The processors of an emulated guest, each on one of this machine's: where two programs in it
// poll, one that shares its processor with the other's emulation is late by whole time slices.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include <sched.h>

#include "bench/error.hpp"
#include "harness/placement/seat.hpp"

namespace migbench {

/// QEMU names its threads "CPU 0/TCG" ... under -name ...,debug-threads=on.
inline std::string first_line(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

/// The threads of this process's child that runs `processor`s, one to each allowed processor.
/// Throws Error where there are fewer processors than threads.
inline void pin_guest_processors(int wanted) {
  namespace fs = std::filesystem;
  const std::vector<unsigned> processors = allowed_cpus();
  if (processors.size() < static_cast<std::size_t>(wanted))
    throw Error("this machine has fewer processors than the guest");
  int pinned = 0;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    std::ifstream status(entry.path() / "stat");
    std::string pid, name, state;
    int parent = 0;
    if (!(status >> pid >> name >> state >> parent) || parent != ::getpid()) continue;
    for (const auto& thread : fs::directory_iterator(entry.path() / "task")) {
      const std::string label = first_line(thread.path() / "comm");
      if (label.rfind("CPU ", 0) != 0) continue;
      cpu_set_t set;
      CPU_ZERO(&set);
      CPU_SET(processors.at(static_cast<std::size_t>(std::stoi(label.substr(4)))), &set);
      if (::sched_setaffinity(std::stoi(thread.path().filename().string()), sizeof set, &set) != 0)
        throw system_error("bind " + label);
      ++pinned;
    }
  }
  if (pinned != wanted) throw Error("the guest's processors were not found among QEMU's threads");
}

}  // namespace migbench
