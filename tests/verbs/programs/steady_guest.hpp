// Guests in which two programs repeat well enough to be compared.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <sched.h>
#include <unistd.h>

#include "bench/error.hpp"
#include "harness/placement/seat.hpp"
#include "tests/verbs/roce_guest.hpp"

namespace migbench {

enum class Emulation {
  counted,  ///< one processor whose instructions are counted: nothing but the work done is seen
  parallel  ///< two processors, each on one of this machine's: for whoever polls memory
};

[[nodiscard]] inline std::string name(Emulation emulation) {
  return emulation == Emulation::parallel ? "parallel" : "counted";
}

/// The processors of this process's guest, which QEMU names "CPU 0/TCG" ..., each on one of this
/// machine's: of two programs that poll in it, one that shares its processor with the other's
/// emulation is late by whole time slices. Throws Error where this machine has too few.
inline void pin_guest_processors(int wanted) {
  namespace fs = std::filesystem;
  const std::vector<unsigned> processors = allowed_cpus();
  if (processors.size() < static_cast<std::size_t>(wanted))
    throw Error("this machine has fewer processors than the guest");
  int pinned = 0;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    std::ifstream stat(entry.path() / "stat");
    std::string pid, name, state;
    int parent = 0;
    if (!(stat >> pid >> name >> state >> parent) || parent != ::getpid()) continue;
    for (const auto& thread : fs::directory_iterator(entry.path() / "task")) {
      std::string label;
      std::ifstream file(thread.path() / "comm");
      if (!std::getline(file, label) || label.rfind("CPU ", 0) != 0) continue;
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

inline std::unique_ptr<guest::QemuGuest> boot_steady_guest(Emulation emulation) {
  RoceGuestOptions wanted;
  // Otherwise the guest's clock is a device, and one reading takes a microsecond.
  wanted.kernel_options = "tsc=reliable clocksource=tsc";
  if (emulation == Emulation::parallel) {
    wanted.extra = {"-name", "roce,debug-threads=on"};
  } else {
    wanted.vcpus = 1;
    wanted.icount_shift = 2;
  }
  auto guest = boot_roce_guest(wanted);
  if (emulation == Emulation::parallel) pin_guest_processors(wanted.vcpus);
  return guest;
}

}  // namespace migbench
