// The two parts that a rank can play in a search.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "apps/blast/database.hpp"
#include "apps/blast/engine.hpp"
#include "apps/blast/program/messages.hpp"

namespace migbench::blast {

struct SearchOptions {
  std::filesystem::path database;  ///< directory that cut made
  std::filesystem::path queries;
  std::filesystem::path output;
  std::filesystem::path
      local;  ///< where a worker keeps what only it needs; its own directory is made in it
  EngineOptions engine;
  std::size_t replicas = 1;  ///< workers that hold a fragment from the start
  std::size_t batch = 0;     ///< queries in a batch; 0: choose_cut() says
  std::size_t together = 0;  ///< fragments that one engine searches together; 0: likewise
  bool distribute =
      false;  ///< send fragments to the workers over MPI even where they could be read in place
  bool announce = false;  ///< print "migbench-blast: measuring" and "... measured" around search_s
  std::chrono::milliseconds patience{
      15'000};  ///< without a sign of life a worker is taken for dead
};

/// What the scheduler knows in the end.
struct SearchResult {
  double search_s = 0;  ///< from the first task to the last line written
  std::size_t queries = 0, batches = 0, tasks = 0, repeated_tasks = 0;
  std::uint64_t hits = 0;         ///< lines
  std::uint64_t output_hash = 0;  ///< FNV-1a of the output: equal searches give equal values
  std::vector<int> lost_workers;  ///< ranks
  nlohmann::json ranks = nlohmann::json::array();  ///< [{"rank", "role", times}]
};

/// Rank 0. Throws Error where no worker is left or a search fails again and again.
SearchResult schedule(Mailbox& mailbox, int workers, const SearchOptions& options);

/// Every other rank: searches until it is told to stop. Whether all ranks live, as the scheduler
/// said in the end.
[[nodiscard]] bool work(Mailbox& mailbox, int rank, const SearchOptions& options);

}  // namespace migbench::blast
