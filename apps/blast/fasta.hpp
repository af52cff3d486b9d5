// FASTA, read as a stream and refused with line numbers where it is not FASTA.
#pragma once

#include <cstdint>
#include <fstream>
#include <optional>
#include <string>

namespace migbench::blast {

enum class Molecule { nucleotide, protein };

/// "nucl" / "prot", as makeblastdb names them; throws InputError for another.
[[nodiscard]] Molecule parse_molecule(const std::string& text);
[[nodiscard]] const char* name(Molecule molecule);

struct Sequence {
  std::string id;          ///< the first word of the header line
  std::string letters;     ///< without line ends and blanks
  std::uint64_t line = 0;  ///< of the header, from 1
};

/// Whether a sequence may have no letters: a query may (it has no hits), a database's may not.
enum class Empty { refused, allowed };

class FastaReader {
 public:
  /// Throws InputError where the file cannot be read.
  FastaReader(std::string path, Molecule molecule, Empty empty);
  /// The next sequence; nothing at the end. Throws InputError "FILE:LINE: ..." for text before the
  /// first header, a header without a name, a letter that the molecule does not have, a sequence
  /// without letters, or no sequence at all.
  [[nodiscard]] std::optional<Sequence> next();

 private:
  [[noreturn]] void refuse(std::uint64_t line, const std::string& why) const;
  void take_header(const std::string& text);
  void append(const std::string& text);

  std::string path_;
  std::ifstream file_;
  Molecule molecule_;
  Empty empty_;
  std::uint64_t line_ = 0;
  bool any_ = false;
  std::optional<Sequence> pending_;  ///< its header has been read, its letters are being read
};

}  // namespace migbench::blast
