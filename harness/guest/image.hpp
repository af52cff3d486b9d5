// What a guest boots: a kernel and an initramfs put together from what is installed here.
//
// A recipe says what is wanted; the image is made once for each content (files, modules, options)
// and then taken from the cache. Example, a guest that sees this machine's file system and has
// soft-RoCE:
//     Recipe recipe;
//     recipe.modules = {"rdma_rxe", "ib_uverbs", "rdma_ucm"};
//     recipe.shares = {{"hostroot", "/host", true}};
//     recipe.root_share = "hostroot";
//     const GuestImage image = build_image(recipe);
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/error.hpp"
#include "bench/units.hpp"
#include "harness/guest/kernel.hpp"

namespace migbench::guest {

/// A directory of the host that the guest mounts over 9p. A guest that has one cannot be migrated.
struct Share {
  std::string tag;   ///< the mount tag of the 9p device
  std::string path;  ///< where the guest mounts it
  bool read_only = true;
};

struct Recipe {
  /// Beyond those of the virtio network, which every guest has. Names as modprobe knows them.
  std::vector<std::string> modules{};
  /// Programs of this machine that go into the guest at the same path, with their libraries.
  std::vector<std::filesystem::path> programs{};
  /// Plain files, at the same path.
  std::vector<std::filesystem::path> files{};
  /// For a guest whose memory would not hold archive and content side by side while it unpacks.
  bool compressed = false;
  /// The installed Open MPI: daemons, plugins, help and configuration, so that ranks can run there.
  bool open_mpi = false;
  std::vector<Share> shares{};
  /// The share in which commands run (chroot), instead of the initramfs; empty: none. /proc, /sys,
  /// /dev, /run, /tmp and /dev/shm in it are the guest's own.
  std::string root_share{};
  /// The root share can be written to, but what is written stays in the guest's memory (overlayfs);
  /// shares below it are mounted into it.
  bool root_overlay = false;
};

struct GuestImage {
  GuestKernel kernel;
  std::filesystem::path boot;       ///< vmlinux, or bzImage where it has no PVH entry
  std::filesystem::path initramfs;  ///< cpio, by zstd where the recipe says so
  std::string id;                   ///< changes with the content of any of them
  bool from_cache = false;
  Nanoseconds built_in{};
  Bytes size{};                      ///< of the initramfs
  std::vector<std::string> paths{};  ///< of the files in it, sorted
};

/// Whether guests can be built here: libarchive, a kernel, the guest's init.
[[nodiscard]] Support image_support();

/// Throws Error that names what is missing.
[[nodiscard]] GuestImage build_image(const Recipe& recipe);

/// A recipe for guests that run MPI ranks and migbench's own programs: every migbench driver that
/// is built or installed, Open MPI, a shell and the basic tools.
[[nodiscard]] Recipe workload_recipe();
/// The least memory that its plain initramfs unpacks in; below, it must be compressed.
inline constexpr Bytes kPlainMemory{192UL << 20U};

/// {"kernel", "initramfs_bytes", "id", "boot"}: for the record.
[[nodiscard]] nlohmann::json describe(const GuestImage& image);

/// The network of one guest interface, as the init of the guest sets it.
struct GuestInterface {
  std::string device = "eth0";
  std::string address{};  ///< "10.77.0.41/24"; empty: up without an address
};

/// What the kernel command line tells the guest's init. `extra` is appended as it is.
struct GuestSettings {
  std::string name = "guest";
  std::vector<GuestInterface> interfaces{};
  std::string gateway{};
  std::uint16_t agent_port = 7711;
  std::string extra{};
};

[[nodiscard]] std::string kernel_command_line(const GuestSettings& settings);

}  // namespace migbench::guest
