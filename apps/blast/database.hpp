// A database cut into fragments that together answer as the whole one does.
//
// A fragment is a BLAST database of its own behind an alias file that carries the number of
// sequences and letters of the *whole* database: E-values depend on both, so that without them a
// third of the hits differ. Inside the fragments a sequence is called by its position in the whole
// database; the names stand in names.txt.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "apps/blast/fasta.hpp"

namespace migbench::blast {

struct Fragment {
  std::string name;         ///< "f003": its files in the database's directory are f003.*
  std::uint64_t first = 0;  ///< position of its first sequence
  std::uint64_t sequences = 0;
  std::uint64_t letters = 0;
};

/// What every part of a database has to know of the whole.
struct Whole {
  Molecule molecule = Molecule::nucleotide;
  std::uint64_t sequences = 0;
  std::uint64_t letters = 0;
};

struct Database : Whole {
  std::filesystem::path directory;
  std::vector<Fragment> fragments;
};

/// Cuts `fasta` into at most `fragments` contiguous pieces of about equal letters and makes each a
/// BLAST database in `directory`, with Debian's makeblastdb. Fewer pieces come out where there are
/// fewer sequences. Throws InputError for a malformed or ambiguous (a name twice) file, Error where
/// makeblastdb fails.
Database cut_database(const std::filesystem::path& fasta, Molecule molecule, unsigned fragments,
                      const std::filesystem::path& directory);

/// Reads what cut_database left. Throws InputError where `directory` holds none.
[[nodiscard]] Database open_database(const std::filesystem::path& directory);

/// Names of the sequences by position.
[[nodiscard]] std::vector<std::string> read_names(const Database& database);

/// The files of one fragment, without their directory: what a worker has to hold.
[[nodiscard]] std::vector<std::string> fragment_files(const Database& database,
                                                      const Fragment& fragment);

/// The plain BLAST database behind a fragment's alias file.
[[nodiscard]] std::filesystem::path fragment_data(const std::filesystem::path& fragment);

/// Writes the alias file ALIAS.nal or ALIAS.pal: `-db ALIAS` then searches the plain databases
/// `parts` with the whole's figures.
void write_alias(const std::filesystem::path& alias, const std::vector<std::string>& parts,
                 const Whole& whole);

/// Throws InputError for a path that the engine would take for several names.
void refuse_blanks(const std::filesystem::path& directory);

/// {"molecule", "sequences", "letters"}, in the manifest and in tasks.
[[nodiscard]] nlohmann::json to_json(const Whole& whole);
[[nodiscard]] Whole whole_from_json(const nlohmann::json& json);

/// What `-db` takes for it in a directory that holds its files.
[[nodiscard]] std::filesystem::path fragment_path(const std::filesystem::path& directory,
                                                  const Fragment& fragment);

}  // namespace migbench::blast
