#include "apps/blast/fasta.hpp"
#include "apps/blast/synthetic.hpp"
#include "tests/blast/fixture.hpp"

using namespace migbench;
using namespace migbench::blast;

namespace {

std::string refused(const std::string& text, Molecule molecule = Molecule::nucleotide,
                    Empty empty = Empty::refused) {
  const Scratch scratch;
  const auto file = scratch.write("x.fa", text);
  return refusal([&] {
    FastaReader reader(file.string(), molecule, empty);
    while (reader.next()) {
    }
  });
}

bool names(const std::string& message, const std::string& part) {
  return message.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("FASTA is read with every line end, comment and blank that files have") {
  const Scratch scratch;
  const auto file =
      scratch.write("x.fa", "; old comment\n>a first one\r\nACGT\r\nAC GT\n\n>b\nnnnn");
  FastaReader reader(file.string(), Molecule::nucleotide, Empty::refused);
  const auto a = reader.next();
  REQUIRE(a);
  CHECK(a->id == "a");
  CHECK(a->letters == "ACGTACGT");
  CHECK(a->line == 2);
  const auto b = reader.next();
  REQUIRE(b);
  CHECK(b->letters == "nnnn");
  CHECK_FALSE(reader.next());
}

TEST_CASE("malformed FASTA is refused with its line") {
  CHECK(names(refused(""), "empty"));
  CHECK(names(refused("ACGT\n"), ":1: text before the first header"));
  CHECK(names(refused(">a\nACGT\n> \nACGT\n"), ":3: a sequence without a name"));
  CHECK(names(refused(">a\nAC\nACXG\n"), ":3: 'X' is no letter of a nucleotide"));
  CHECK(names(refused(std::string(">a\nAC\0GT\n", 9)), ":2: byte 0x00"));
  CHECK(names(refused(">a\nAC\n>b\n>c\nAC\n"), ":3: sequence 'b' has no letters"));
  CHECK(names(refused(">a\n"), ":1: sequence 'a' has no letters"));
  CHECK(names(refused(">a\nMK1\n", Molecule::protein), ":2: '1' is no letter of a protein"));
  CHECK(refused(">a\nMKX*\n", Molecule::protein).empty());
  CHECK(refused(">a\n>b\nAC\n", Molecule::nucleotide, Empty::allowed).empty());
}

TEST_CASE("a synthetic sequence depends on the seed and its number alone") {
  const auto small = parse_spec("seed=5,sequences=10,mean_length=200");
  const auto large = parse_spec("seed=5,sequences=1000,mean_length=200,queries=7");
  CHECK(database_sequence(small, 9).letters == database_sequence(large, 9).letters);
  CHECK(database_sequence(small, 1).letters !=
        database_sequence(parse_spec("seed=6,sequences=10,mean_length=200"), 1).letters);
  CHECK_THROWS_AS(database_sequence(small, 10), std::out_of_range);
}

TEST_CASE("planted queries differ from their source as much as the truth says") {
  const auto spec =
      parse_spec("seed=3,sequences=50,mean_length=2000,query_length=1000,unrelated=0");
  for (std::uint64_t i = 0; i < 20; ++i) {
    const auto planted = planted_query(spec, i);
    REQUIRE(planted.planted);
    const auto number = std::stoull(planted.source.substr(1)) - 1;
    const auto source =
        database_sequence(spec, number).letters.substr(planted.begin, planted.length);
    REQUIRE(source.size() == planted.query.letters.size());
    std::size_t differ = 0, equal = 0, longest = 0;
    for (std::size_t k = 0; k < source.size(); ++k) {
      const bool same = source[k] == planted.query.letters[k];
      differ += same ? 0U : 1U;
      equal = same ? equal + 1 : 0;
      longest = std::max(longest, equal);
    }
    CHECK(planted.exact == longest);
    CHECK(static_cast<double>(differ) / static_cast<double>(source.size()) ==
          Approx(planted.divergence).margin(0.06));
  }
}

TEST_CASE("a synthetic specification is refused where a word is wrong") {
  CHECK(names(refusal([] { (void)parse_spec("sequences=ten"); }),
              "'ten' is no good value for sequences"));
  CHECK(names(refusal([] { (void)parse_spec("colour=red"); }), "'colour=red' is not known"));
  CHECK(names(refusal([] { (void)parse_spec("type=rna"); }), "'rna'"));
  CHECK(names(refusal([] { (void)parse_spec("most_divergence=2"); }), "most_divergence"));
}
