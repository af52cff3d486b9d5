// An emulated machine with what a host for pass-through and SR-IOV has: an IOMMU, two network cards
// with virtual functions (Intel 82576, driver igb) and KVM. Its file system is this machine's, so
// that what was just built runs there at the same path; what it changes in it is forgotten with it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bench/error.hpp"
#include "harness/guest/qemu_guest.hpp"

namespace migbench::lab {

struct LabHostOptions {
  std::string name = "lab";
  int vcpus = 2;
  Bytes memory{4UL << 30U};  ///< it has guests of its own
  /// Directories that it may change: they are the real ones, at the same path.
  std::vector<std::filesystem::path> writable{};
  /// QEMU's -netdev for each card ("stream,id={},..." with "{}" for its id); a card without one is
  /// plugged in nowhere.
  std::vector<std::string> networks{};
  std::vector<std::string> addresses{};  ///< of the cards (eth1, eth2), "10.78.0.11/24"; may be ""
  std::vector<std::string> extra{};      ///< further options of QEMU
  std::vector<int> forwarded{};          ///< TCP ports of it, see QemuGuest::port_of()
};

inline constexpr int kCards = 2;
inline constexpr Nanoseconds kBootDeadline = std::chrono::minutes(3);
inline constexpr int kLibvirtPort = 16509;  // of its libvirt daemon, for TCP
inline constexpr const char* kEmulatedHost = "emulated: host with IOMMU and SR-IOV (QEMU TCG)";

/// The Ethernet address of a host's card (0, 1).
[[nodiscard]] std::string card_mac(const std::string& host, std::size_t card);

/// A QEMU that has the IOMMU and the card, 10 or newer: scripts/lab_qemu.sh fetches one. Empty
/// where there is none.
[[nodiscard]] std::filesystem::path lab_qemu();

/// What is missing for one here, with the remedy.
[[nodiscard]] Support lab_support();

/// Starts one without waiting for it: QemuGuest::wait_until_up() is next. Throws Error.
[[nodiscard]] std::unique_ptr<guest::QemuGuest> start_lab_host(const LabHostOptions& options);
/// Boots one; it ends with the object. Throws Error with the end of its console.
[[nodiscard]] std::unique_ptr<guest::QemuGuest> boot_lab_host(const LabHostOptions& options);

}  // namespace migbench::lab
