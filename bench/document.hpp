// JSON on disk and on standard output.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace migbench {

/// Writes `document` beside `path` and renames it over it: a reader, or a crash, sees the old file
/// or the new one, never half of one. Throws Error.
void write_json(const std::filesystem::path& path, const nlohmann::json& document);

/// The same for text.
void write_text(const std::filesystem::path& path, const std::string& text);

/// Reads a JSON file; // and /* */ comments are allowed where `comments` is set. Throws InputError
/// with the file, line and column of the mistake.
[[nodiscard]] nlohmann::json read_json(const std::filesystem::path& path, bool comments = false);

/// The same for a text that came from `origin`, a name for the message.
[[nodiscard]] nlohmann::json parse_json(const std::string& text, const std::string& origin,
                                        bool comments = false);

/// The common head of every driver's document: {"schema", "program", "version", "commit", "argv",
/// "clock", "host"}.
[[nodiscard]] nlohmann::json driver_document(const std::string& program,
                                             const std::vector<std::string>& argv);

}  // namespace migbench
