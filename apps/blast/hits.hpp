// What the engine prints, and how the parts of several fragments become the whole database's
// answer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace migbench::blast {

/// All alignments of one query with one subject, in the engine's order, as lines of ten columns:
/// what stands between the subject's name and the end, without the raw score.
struct SubjectHits {
  std::uint64_t subject = 0;  ///< position in the whole database
  double best_evalue = 0;
  std::int64_t best_score = 0;
  std::vector<std::string> lines;
};

/// The hits of one query in one fragment or, merged, in the database.
struct QueryHits {
  std::uint64_t query = 0;  ///< number of the query, from 0
  std::vector<SubjectHits> subjects;
};

/// Reads the engine's output (kColumns; names are numbers). Throws Error that quotes the line that
/// is none.
[[nodiscard]] std::vector<QueryHits> parse_hits(std::string_view text);

/// Adds the hits of one more fragment.
void add_hits(QueryHits& all, QueryHits part);

/// Puts the subjects into the engine's own order - best E-value, then best raw score, ties by
/// descending position in the database - and keeps the first `most`.
void order_hits(QueryHits& all, std::size_t most);

/// The lines as the engine would have printed them for the whole database.
[[nodiscard]] std::string print_hits(const QueryHits& hits, const std::string& query_name,
                                     const std::vector<std::string>& subject_names);

}  // namespace migbench::blast
