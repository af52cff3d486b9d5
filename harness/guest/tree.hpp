// Puts files of this machine into a guest's tree, at the same paths, with all they need to run.
#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/guest/archive.hpp"

namespace migbench::guest {

/// The shared libraries that an ELF file needs, its interpreter included, as the dynamic loader of
/// this machine finds them (`ld.so --list`: the file itself is not run). Empty for a static program
/// and for what is no ELF file. Throws Error where a library is missing.
[[nodiscard]] std::vector<std::filesystem::path> needed_libraries(
    const std::filesystem::path& file);

/// The parts of `ld.so --list`'s output that are paths. Throws Error that names what was not found.
[[nodiscard]] std::vector<std::filesystem::path> parse_loader_list(
    std::string_view text, const std::filesystem::path& file);

class HostTree {
 public:
  /// A file, with every symbolic link on its way (merged /usr, library versions). Nothing happens
  /// the second time. Throws Error where it does not exist.
  void add(const std::filesystem::path& path);
  /// The same with all its libraries, and with the interpreter that a script's first line names.
  void add_program(const std::filesystem::path& path);
  /// Every regular file below that is `wanted` (and no static library), with its libraries where
  /// they are `programs`. An absent directory adds nothing.
  void add_directory(const std::filesystem::path& directory, bool programs = false,
                     const std::function<bool(const std::filesystem::path&)>& wanted = {});
  void add_text(const std::string& path, std::string text, unsigned mode = 0644);
  void add_empty_directory(const std::string& path);
  void add_symlink(const std::string& path, const std::string& target);

  [[nodiscard]] bool has(const std::filesystem::path& path) const;
  [[nodiscard]] const std::vector<TreeEntry>& entries() const noexcept { return entries_; }

 private:
  std::filesystem::path resolve(const std::filesystem::path& path, int links_left);
  void put(TreeEntry entry);
  std::vector<TreeEntry> entries_;
  std::set<std::string> known_;
};

}  // namespace migbench::guest
