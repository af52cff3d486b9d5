// Synthetic databases and queries with a known truth.
//
// Sequence i is a function of (seed, i) alone: a database of gigabytes is written as a stream, and
// a query can be cut out of any sequence without keeping one in memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "apps/blast/fasta.hpp"

namespace migbench::blast {

struct SyntheticSpec {
  Molecule molecule = Molecule::nucleotide;
  std::uint64_t seed = 1;
  std::uint64_t sequences = 2000;
  std::uint64_t mean_length = 1000;  ///< letters; lengths are log-normal with sigma 0.6
  std::uint64_t queries = 50;
  std::uint64_t query_length = 400;  ///< at the most: no longer than what it is cut from
  double most_divergence =
      0.25;  ///< planted homologs differ from their source in 0 to this share of letters
  double unrelated = 0.1;  ///< share of queries that are random: no true hit
  double duplicates =
      0.02;  ///< share of sequences that repeat an earlier one letter by letter: ties
};

/// "sequences=2000,mean_length=1000,queries=50,..." on top of the defaults. Throws InputError that
/// names the word.
[[nodiscard]] SyntheticSpec parse_spec(const std::string& text);

/// Sequence i of the database. Throws std::out_of_range beyond the last one.
[[nodiscard]] Sequence database_sequence(const SyntheticSpec& spec, std::uint64_t index);

struct PlantedQuery {
  Sequence query;
  bool planted = false;      ///< false: unrelated
  std::string source{};      ///< id of the sequence that it was cut from
  std::uint64_t begin = 0;   ///< 0-based, in the source
  std::uint64_t length = 0;  ///< letters cut
  double divergence = 0;     ///< share of letters replaced
  std::uint64_t exact = 0;   ///< longest stretch of letters that were not
};
[[nodiscard]] PlantedQuery planted_query(const SyntheticSpec& spec, std::uint64_t index);

/// Writes the three files; the truth is tab-separated: query, source (or -), begin, length,
/// divergence, exact.
void write_database(const SyntheticSpec& spec, const std::filesystem::path& fasta);
void write_queries(const SyntheticSpec& spec, const std::filesystem::path& fasta,
                   const std::filesystem::path& truth);

}  // namespace migbench::blast
