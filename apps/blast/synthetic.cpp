#include "apps/blast/synthetic.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <numbers>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "bench/error.hpp"

namespace migbench::blast {
namespace {

/// SplitMix64 (Steele, Lea, Flood 2014): a stream that starts anywhere at no cost, the same on
/// every machine.
class Random {
 public:
  Random(std::uint64_t seed, std::uint64_t stream)
      : state_(seed * 0x9E3779B97F4A7C15ULL + stream * 0xD1B54A32D192ED03ULL) {
    (void)next();
  }
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
  }
  /// In [0, 1).
  double uniform() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }
  /// In [0, n).
  std::uint64_t below(std::uint64_t n) {
    return static_cast<std::uint64_t>(uniform() * static_cast<double>(n));
  }
  double normal() {
    return std::sqrt(-2 * std::log(1 - uniform())) * std::cos(2 * std::numbers::pi * uniform());
  }

 private:
  std::uint64_t state_;
};

constexpr std::string_view kBases = "ACGT";
// The 20 amino acids, each as often as in natural proteins (percent, after Robinson and Robinson
// 1991, rounded).
constexpr std::string_view kAcids = "ARNDCQEGHILKMFPSTWYV";
constexpr std::array<double, 20> kAcidShare{7.8, 5.1, 4.5, 5.4, 1.9, 4.3, 6.3, 7.4, 2.2, 5.1,
                                            9.0, 5.7, 2.2, 3.9, 5.2, 7.1, 5.8, 1.3, 3.2, 6.4};

char random_letter(Random& random, Molecule molecule) {
  if (molecule == Molecule::nucleotide) return kBases[random.below(kBases.size())];
  double at = random.uniform() * 99.8;
  for (std::size_t i = 0; i < kAcids.size(); ++i) {
    at -= kAcidShare.at(i);
    if (at < 0) return kAcids[i];
  }
  return kAcids.back();
}

std::string random_letters(Random& random, Molecule molecule, std::uint64_t length) {
  std::string letters(length, 'A');
  for (char& letter : letters)
    letter = random_letter(random, molecule);
  return letters;
}

// Streams: even for sequences, odd for queries, so that neither depends on how many there are of
// the other.
std::uint64_t sequence_stream(std::uint64_t index) {
  return 2 * index;
}
std::uint64_t query_stream(std::uint64_t index) {
  return 2 * index + 1;
}

std::string body(const SyntheticSpec& spec, std::uint64_t index) {
  Random random(spec.seed, sequence_stream(index));
  if (index > 0 && random.uniform() < spec.duplicates) return body(spec, random.below(index));
  constexpr double kSigma = 0.6;
  const double mu = std::log(static_cast<double>(spec.mean_length)) -
                    kSigma * kSigma / 2;  // so that the mean is mean_length
  const double length = std::exp(mu + kSigma * random.normal());
  return random_letters(random, spec.molecule,
                        static_cast<std::uint64_t>(std::clamp(length, 30.0, 1e7)));
}

template <class Number>
void read_number(std::string_view key, std::string_view text, Number& into, Number low,
                 Number high) {
  Number value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size() || !(value >= low && value <= high)) {
    throw InputError(fmt::format("synthetic data: '{}' is no good value for {}: {} to {} are", text,
                                 key, low, high));
  }
  into = value;
}

void write_line(std::ofstream& file, const Sequence& sequence) {
  constexpr std::size_t kWidth = 80;
  file << '>' << sequence.id << '\n';
  for (std::size_t at = 0; at < sequence.letters.size(); at += kWidth) {
    file << std::string_view(sequence.letters).substr(at, kWidth) << '\n';
  }
}

std::ofstream open_to_write(const std::filesystem::path& path) {
  std::ofstream file(path, std::ios::binary);
  if (!file) throw Error(fmt::format("cannot write {}", path.string()));
  return file;
}

void finish(std::ofstream& file, const std::filesystem::path& path) {
  file.close();
  if (!file) throw Error(fmt::format("cannot write {}: is the disk full?", path.string()));
}

}  // namespace

SyntheticSpec parse_spec(const std::string& text) {
  SyntheticSpec spec;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const auto end = std::min(text.find(',', begin), text.size());
    const auto word = std::string_view(text).substr(begin, end - begin);
    const auto equals = word.find('=');
    const auto key = word.substr(0, equals);
    const auto value =
        equals == std::string_view::npos ? std::string_view{} : word.substr(equals + 1);
    constexpr std::uint64_t kMany = 1'000'000'000;
    if (key == "type")
      spec.molecule = parse_molecule(std::string(value));
    else if (key == "seed")
      read_number<std::uint64_t>(key, value, spec.seed, 0, ~0ULL);
    else if (key == "sequences")
      read_number<std::uint64_t>(key, value, spec.sequences, 1, kMany);
    else if (key == "mean_length")
      read_number<std::uint64_t>(key, value, spec.mean_length, 50, 1'000'000);
    else if (key == "queries")
      read_number<std::uint64_t>(key, value, spec.queries, 1, kMany);
    else if (key == "query_length")
      read_number<std::uint64_t>(key, value, spec.query_length, 30, 1'000'000);
    else if (key == "most_divergence")
      read_number(key, value, spec.most_divergence, 0.0, 0.75);
    else if (key == "unrelated")
      read_number(key, value, spec.unrelated, 0.0, 1.0);
    else if (key == "duplicates")
      read_number(key, value, spec.duplicates, 0.0, 0.9);
    else
      throw InputError(
          fmt::format("synthetic data: '{}' is not known; known are type, seed, sequences, "
                      "mean_length, queries, "
                      "query_length, most_divergence, unrelated and duplicates, each as NAME=VALUE",
                      word));
    begin = end + 1;
  }
  return spec;
}

Sequence database_sequence(const SyntheticSpec& spec, std::uint64_t index) {
  if (index >= spec.sequences) throw std::out_of_range("no such sequence");
  return {.id = fmt::format("s{}", index + 1), .letters = body(spec, index), .line = 0};
}

PlantedQuery planted_query(const SyntheticSpec& spec, std::uint64_t index) {
  Random random(spec.seed, query_stream(index));
  PlantedQuery planted;
  planted.query.id = fmt::format("q{}", index + 1);
  if (random.uniform() < spec.unrelated) {
    planted.query.letters = random_letters(random, spec.molecule, spec.query_length);
    return planted;
  }
  const Sequence source = database_sequence(spec, random.below(spec.sequences));
  planted.planted = true;
  planted.source = source.id;
  planted.length = std::min<std::uint64_t>(spec.query_length, source.letters.size());
  planted.begin = random.below(source.letters.size() - planted.length + 1);
  planted.divergence = random.uniform() * spec.most_divergence;
  planted.query.letters = source.letters.substr(planted.begin, planted.length);
  std::uint64_t kept = 0;
  for (char& letter : planted.query.letters) {
    ++kept;
    if (random.uniform() < planted.divergence) {
      kept = 0;
      const char old = letter;
      while (letter == old)
        letter = random_letter(random, spec.molecule);
    }
    planted.exact = std::max(planted.exact, kept);
  }
  return planted;
}

void write_database(const SyntheticSpec& spec, const std::filesystem::path& fasta) {
  auto file = open_to_write(fasta);
  for (std::uint64_t i = 0; i < spec.sequences && file; ++i)
    write_line(file, database_sequence(spec, i));
  finish(file, fasta);
}

void write_queries(const SyntheticSpec& spec, const std::filesystem::path& fasta,
                   const std::filesystem::path& truth) {
  auto file = open_to_write(fasta);
  auto known = open_to_write(truth);
  for (std::uint64_t i = 0; i < spec.queries && file; ++i) {
    const auto planted = planted_query(spec, i);
    write_line(file, planted.query);
    known << fmt::format("{}\t{}\t{}\t{}\t{:.4f}\t{}\n", planted.query.id,
                         planted.planted ? planted.source : "-", planted.begin, planted.length,
                         planted.divergence, planted.exact);
  }
  finish(file, fasta);
  finish(known, truth);
}

}  // namespace migbench::blast
