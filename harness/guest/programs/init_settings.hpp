// What a guest is told: per image by a file in the initramfs, per guest by the kernel command line.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace migbench::guest {

struct InterfaceSettings {
  std::string device;
  std::string address;  ///< "10.77.0.41"; empty: none
  int prefix = 24;
};

struct ShareSettings {
  std::string tag;
  std::string path;
  bool read_only = true;
};

struct Settings {
  std::string name = "guest";
  std::uint16_t port = 7711;
  std::string gateway;
  std::vector<InterfaceSettings> interfaces;
  std::vector<std::string> modules;  ///< paths, in the order to load
  std::vector<ShareSettings> shares;
  std::string root_share;
  bool root_overlay = false;  ///< changes to it stay in memory
};

/// From /proc/cmdline and /etc/migbench-guest.json. Throws std::runtime_error.
[[nodiscard]] Settings read_settings();

/// std::runtime_error with errno's text.
[[nodiscard]] std::runtime_error failure(const std::string& tried);

}  // namespace migbench::guest
