#include "harness/guest/console.hpp"

#include <algorithm>

namespace migbench::guest {
namespace {

constexpr std::size_t kTail = 800;  // a panic's last lines

bool out_of_memory(std::string_view console) {
  // The kernel's own words: no process to end yet, or no page left for the next file.
  return console.find("System is deadlocked on memory") != std::string_view::npos ||
         console.find("Initramfs unpacking failed: write error") != std::string_view::npos;
}

}  // namespace

std::string explain_console(std::string_view console) {
  if (out_of_memory(console)) {
    return "it ran out of memory as it booted, since its kernel and its file system are both held "
           "in it: give it more "
           "(guest_memory)";
  }
  return "its console ends with: " +
         std::string(console.substr(console.size() - std::min(console.size(), kTail)));
}

}  // namespace migbench::guest
