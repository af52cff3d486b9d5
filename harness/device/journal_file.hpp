// The lines of a journal's file, and bringing them to the disk.
#pragma once

#include <filesystem>

#include <nlohmann/json.hpp>

namespace migbench::device {

inline constexpr const char* kJournalSchema = "migbench-journal/1";

/// Returns when it is on the disk. Throws Error.
void append_line(int file, const nlohmann::json& line);

/// The directory's entries, that is, that a new file is in it. Throws Error.
void sync_directory(const std::filesystem::path& directory);

}  // namespace migbench::device
