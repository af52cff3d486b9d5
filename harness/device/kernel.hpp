// What the device code asks of the machine it runs on: sysfs, proc, and the programs ip and
// devlink. The roots are parameters and changes go through two virtual functions, so that a tree of
// files can stand in for a machine with devices.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/site/command.hpp"

namespace migbench::device {

class Kernel {
 public:
  explicit Kernel(std::filesystem::path sys = "/sys", std::filesystem::path proc = "/proc")
      : sys_(std::move(sys)), proc_(std::move(proc)) {}
  virtual ~Kernel() = default;
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  [[nodiscard]] const std::filesystem::path& sys() const noexcept { return sys_; }
  [[nodiscard]] const std::filesystem::path& proc() const noexcept { return proc_; }

  // Paths are relative to the root of sysfs.
  [[nodiscard]] bool exists(const std::string& path) const;
  /// A file's content without white space at its end; empty where it is not there or not readable.
  [[nodiscard]] std::optional<std::string> read(const std::string& path) const;
  /// The last part of a link's target ("igb" of ".../driver"); empty where there is no such link.
  [[nodiscard]] std::string link_name(const std::string& path) const;
  /// Names in a directory, sorted; none where it is not there.
  [[nodiscard]] std::vector<std::string> names_in(const std::string& path) const;

  /// One write(2) to a file of sysfs. Throws Error with errno's text.
  virtual void write(const std::string& path, const std::string& text);
  /// Runs a program of the machine. Throws Error where it is not installed.
  [[nodiscard]] virtual Finished run(const std::vector<std::string>& argv) const;
  /// The firmware's version that the driver of a network interface reports; may be empty.
  [[nodiscard]] virtual std::string firmware(const std::string& netdev) const;
  /// How long a device may take to appear, or a process that was ended to let go of it.
  [[nodiscard]] virtual Nanoseconds patience() const { return std::chrono::seconds(20); }
  /// Changes at each boot; what a boot undid need not be undone.
  [[nodiscard]] std::string boot_id() const;

  /// run() of a program that prints JSON, as `ip -json`; null where it prints nothing. Throws
  /// Error.
  [[nodiscard]] nlohmann::json ask(const std::vector<std::string>& argv) const;
  /// run() that has to succeed. Throws Error.
  void tell(const std::vector<std::string>& argv) const;

 private:
  std::filesystem::path sys_;
  std::filesystem::path proc_;
};

}  // namespace migbench::device
