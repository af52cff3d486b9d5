// A mount namespace's contents.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace migbench {

/// mount(2). Throws Error that names the target and what it needs.
void mount_or_throw(const std::string& source, const std::string& target, const char* type,
                    unsigned long flags, const char* data = nullptr);

/// Makes `target` (a directory, or an empty file where `source` is one) and binds `source` over it.
void bind_over(const std::filesystem::path& source, const std::filesystem::path& target,
               bool recursive = false);

/// Remounts a bind mount read-only.
void make_read_only(const std::filesystem::path& target);

/// Nothing that is mounted from here on reaches another namespace, nor the other way round.
void make_mounts_private();

/// Puts fresh tmpfs over the directories `hidden`, in which the directories of `visible` that lay
/// below them are seen again, each with the whole first level that it belongs to: of
/// "/tmp/clone/build" all of "/tmp/clone". A visible directory that is itself hidden
/// ("/tmp") is not.
void hide_behind_tmpfs(const std::vector<std::filesystem::path>& hidden,
                       const std::vector<std::filesystem::path>& visible);

/// A mount of the machine that holds files of the user or the system: of a disk or the network.
/// Sorted, the outer before the inner, without "/".
[[nodiscard]] std::vector<std::filesystem::path> file_system_mounts();

}  // namespace migbench
