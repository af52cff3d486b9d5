// Whether the hits are right: against a search of the whole database, and against what was planted.
#pragma once

#include <filesystem>

#include <nlohmann/json_fwd.hpp>

#include "apps/blast/database.hpp"
#include "apps/blast/engine.hpp"

namespace migbench::blast {

/// Searches all fragments as one database with the engine alone and compares its output, byte by
/// byte, with `hits`.
[[nodiscard]] bool equals_whole_search(const EngineOptions& options, const Database& database,
                                       const std::filesystem::path& queries,
                                       const std::filesystem::path& hits);

/// {"planted": n, "found": n, "planted_near": n, "found_near": n}: how many planted homologs were
/// found; near ones differ from their source by at most 10 % and share a stretch with it that the
/// engine's search can start from, so that it has to find them. Throws InputError for a truth that
/// is none.
[[nodiscard]] nlohmann::json compare_with_truth(const std::filesystem::path& truth,
                                                const std::filesystem::path& hits);

}  // namespace migbench::blast
