// Archives as the kernel reads them: the initramfs (cpio "newc") and compressed kernel images.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "bench/error.hpp"

namespace migbench::guest {

/// One entry of a file tree that is put together from here and there.
struct TreeEntry {
  enum class Kind { directory, file, symlink };
  Kind kind = Kind::file;
  std::string path;                ///< absolute, as the guest sees it
  std::filesystem::path source{};  ///< file: copied from here, unless it is empty
  std::string text{};              ///< file without source: its content; symlink: its target
  unsigned mode = 0755;
};

/// Whether this build can write and read archives (libarchive).
[[nodiscard]] Support archive_support();

/// Sorts by path, adds the missing parent directories, keeps the first of two entries of one path.
[[nodiscard]] std::vector<TreeEntry> complete_tree(std::vector<TreeEntry> entries);

/// Writes a cpio archive in which nothing depends on when and where it was made: owners are root,
/// times 0, the order is that of `entries`. Throws Error.
/// Plain as a rule: unpacking costs an emulated guest more (1 s for 20 MB) than reading costs QEMU.
enum class Packing { plain, zstd };
void write_initramfs(const std::filesystem::path& path, const std::vector<TreeEntry>& entries,
                     Packing packing = Packing::plain);

/// Unpacks data compressed by xz, zstd, gzip, lz4, lzma or bzip2; data that is not compressed comes
/// back as it is. Throws Error.
[[nodiscard]] std::string decompress(std::string_view data);

}  // namespace migbench::guest
