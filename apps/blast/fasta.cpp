#include "apps/blast/fasta.hpp"

#include <utility>

#include <fmt/format.h>

#include "bench/error.hpp"

namespace migbench::blast {
namespace {

// IUPAC codes; '-' is a gap, '*' a translation stop.
constexpr std::string_view kNucleotides = "ACGTUNRYKMSWBDHV-";
constexpr std::string_view kAminoAcids = "ABCDEFGHIJKLMNOPQRSTUVWXYZ*-";

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

}  // namespace

Molecule parse_molecule(const std::string& text) {
  if (text == "nucl") return Molecule::nucleotide;
  if (text == "prot") return Molecule::protein;
  throw InputError(fmt::format("'{}' is no kind of sequence: write nucl or prot", text));
}

const char* name(Molecule molecule) {
  return molecule == Molecule::nucleotide ? "nucl" : "prot";
}

FastaReader::FastaReader(std::string path, Molecule molecule, Empty empty)
    : path_(std::move(path)), file_(path_), molecule_(molecule), empty_(empty) {
  if (!file_) throw InputError(fmt::format("{}: cannot be read: is the path right?", path_));
}

void FastaReader::refuse(std::uint64_t line, const std::string& why) const {
  throw InputError(fmt::format("{}:{}: {}", path_, line, why));
}

void FastaReader::take_header(const std::string& text) {
  const auto end = text.find_first_of(" \t", 1);
  Sequence fresh{
      .id = text.substr(1, end == std::string::npos ? end : end - 1), .letters = {}, .line = line_};
  if (fresh.id.empty()) refuse(line_, "a sequence without a name: put one right behind '>'");
  pending_ = std::move(fresh);
}

void FastaReader::append(const std::string& text) {
  const auto allowed = molecule_ == Molecule::nucleotide ? kNucleotides : kAminoAcids;
  for (const char c : text) {
    if (c == ' ' || c == '\t') continue;
    if (allowed.find(upper(c)) == std::string_view::npos) {
      const auto shown = c >= ' ' && c <= '~'
                             ? fmt::format("'{}'", c)
                             : fmt::format("byte 0x{:02x}", static_cast<unsigned char>(c));
      refuse(line_, fmt::format("{} is no letter of a {} sequence", shown,
                                molecule_ == Molecule::nucleotide ? "nucleotide" : "protein"));
    }
    pending_->letters += c;
  }
}

std::optional<Sequence> FastaReader::next() {
  std::optional<Sequence> done;
  for (std::string text; !done && std::getline(file_, text);) {
    ++line_;
    if (!text.empty() && text.back() == '\r') text.pop_back();
    if (text.empty() || text[0] == ';') continue;  // ';' starts a comment in old files
    if (text[0] == '>') {
      done = std::exchange(pending_, std::nullopt);
      take_header(text);
    } else if (!pending_) {
      refuse(line_, "text before the first header: a FASTA file starts with '>'");
    } else {
      append(text);
    }
  }
  if (!done) {
    if (file_.bad()) refuse(line_, "cannot be read further");
    done = std::exchange(pending_, std::nullopt);
  }
  if (!done && !any_) refuse(line_, "no sequence: the file is empty");
  if (done && done->letters.empty() && empty_ == Empty::refused) {
    refuse(done->line, fmt::format("sequence '{}' has no letters", done->id));
  }
  any_ = true;
  return done;
}

}  // namespace migbench::blast
