#include "harness/guest/archive.hpp"

#include <algorithm>
#include <fstream>
#include <memory>
#include <set>

#include <fmt/format.h>
#include <migbench_have.hpp>

#include "harness/guest/files.hpp"

#if MIGBENCH_HAVE_LIBARCHIVE
#include <archive.h>
#include <archive_entry.h>
#endif

namespace migbench::guest {

std::vector<TreeEntry> complete_tree(std::vector<TreeEntry> entries) {
  std::set<std::string> known;
  for (const TreeEntry& entry : entries)
    known.insert(entry.path);
  const std::size_t given = entries.size();
  for (std::size_t i = 0; i < given; ++i) {
    std::filesystem::path parent = std::filesystem::path(entries[i].path).parent_path();
    for (; parent != "/"; parent = parent.parent_path()) {
      if (known.insert(parent.string()).second) {
        entries.push_back({TreeEntry::Kind::directory, parent.string()});
      }
    }
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const TreeEntry& a, const TreeEntry& b) { return a.path < b.path; });
  entries.erase(
      std::unique(entries.begin(), entries.end(),
                  [](const TreeEntry& a, const TreeEntry& b) { return a.path == b.path; }),
      entries.end());
  return entries;
}

#if MIGBENCH_HAVE_LIBARCHIVE

namespace {

struct CloseArchive {
  void operator()(archive* handle) const { archive_free(handle); }
};
using Archive = std::unique_ptr<archive, CloseArchive>;

struct CloseEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

void check(const Archive& handle, int status, const std::string& tried) {
  if (status >= ARCHIVE_WARN) return;
  const char* reason = archive_error_string(handle.get());
  throw Error(fmt::format("{}: {}", tried, reason != nullptr ? reason : "unknown error"));
}

void write_entry(const Archive& handle, const TreeEntry& entry) {
  const std::unique_ptr<archive_entry, CloseEntry> header(archive_entry_new());
  archive_entry_set_pathname(header.get(), entry.path.c_str() + 1);
  archive_entry_set_perm(header.get(), static_cast<mode_t>(entry.mode));
  archive_entry_set_mtime(header.get(), 0, 0);
  archive_entry_set_size(header.get(), 0);
  std::string content;
  switch (entry.kind) {
    case TreeEntry::Kind::directory:
      archive_entry_set_filetype(header.get(), AE_IFDIR);
      break;
    case TreeEntry::Kind::symlink:
      archive_entry_set_filetype(header.get(), AE_IFLNK);
      archive_entry_set_symlink(header.get(), entry.text.c_str());
      break;
    case TreeEntry::Kind::file:
      content = entry.source.empty() ? entry.text : read_file(entry.source);
      archive_entry_set_filetype(header.get(), AE_IFREG);
      archive_entry_set_size(header.get(), static_cast<la_int64_t>(content.size()));
      break;
  }
  check(handle, archive_write_header(handle.get(), header.get()), "write " + entry.path);
  if (!content.empty() && archive_write_data(handle.get(), content.data(), content.size()) !=
                              static_cast<la_ssize_t>(content.size())) {
    check(handle, ARCHIVE_FATAL, "write " + entry.path);
  }
}

}  // namespace

Support archive_support() {
  return std::nullopt;
}

void write_initramfs(const std::filesystem::path& path, const std::vector<TreeEntry>& entries,
                     Packing packing) {
  const Archive handle(archive_write_new());
  check(handle, archive_write_set_format_cpio_newc(handle.get()), "make a cpio archive");
  if (packing == Packing::zstd)
    check(handle, archive_write_add_filter_zstd(handle.get()), "compress by zstd");
  check(handle, archive_write_open_filename(handle.get(), path.c_str()), "open " + path.string());
  for (const TreeEntry& entry : entries)
    write_entry(handle, entry);
  check(handle, archive_write_close(handle.get()), "write " + path.string());
}

std::string decompress(std::string_view data) {
  const Archive handle(archive_read_new());
  archive_read_support_filter_all(handle.get());
  archive_read_support_format_raw(handle.get());
  check(handle, archive_read_open_memory(handle.get(), data.data(), data.size()), "decompress");
  archive_entry* entry = nullptr;
  check(handle, archive_read_next_header(handle.get(), &entry), "decompress");
  std::string result;
  std::string block(1U << 20U, '\0');
  for (;;) {
    const la_ssize_t got = archive_read_data(handle.get(), block.data(), block.size());
    if (got < 0) check(handle, ARCHIVE_FATAL, "decompress");
    if (got == 0) return result;
    result.append(block.data(), static_cast<std::size_t>(got));
  }
}

#else

Support archive_support() {
  return Unsupported{"this build has no libarchive, which writes the guests' initramfs",
                     "apt-get install libarchive-dev, then build again"};
}

void write_initramfs(const std::filesystem::path& /*path*/,
                     const std::vector<TreeEntry>& /*entries*/, Packing /*packing*/) {
  throw Error(archive_support()->reason);
}

std::string decompress(std::string_view /*data*/) {
  throw Error(archive_support()->reason);
}

#endif

}  // namespace migbench::guest
