#include "apps/blast/verify.hpp"

#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "apps/blast/hits.hpp"
#include "bench/document.hpp"
#include "bench/error.hpp"

namespace migbench::blast {
namespace {

namespace fs = std::filesystem;

constexpr double kNear = 0.10;
/// blastn's default task starts from 28 equal letters in a row: without them it need not find even
/// a near homolog. A few more, because its words do not start at every letter.
constexpr std::uint64_t kSeed = 32;

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw InputError(fmt::format("{}: cannot be read", path.string()));
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// An alias over all fragments' files: positions run through, so that it is the whole database.
fs::path whole_alias(const Database& database) {
  std::string list;
  for (const Fragment& fragment : database.fragments)
    list += fmt::format(" {}_s", fragment.name);
  auto path = database.directory / "whole";
  write_text(path.string() + (database.molecule == Molecule::nucleotide ? ".nal" : ".pal"),
             fmt::format("TITLE whole\nDBLIST{}\n", list));
  return path;
}

}  // namespace

bool equals_whole_search(const EngineOptions& options, const Database& database,
                         const fs::path& queries, const fs::path& hits) {
  const auto names = read_names(database);
  FastaReader reader(queries.string(), database.molecule, Empty::allowed);
  const fs::path renamed = database.directory / fmt::format("whole-{}.fa", ::getpid());
  std::vector<std::string> query_names;
  std::string fasta;
  while (const auto query = reader.next()) {
    if (!query->letters.empty())
      fasta += fmt::format(">{}\n{}\n", query_names.size(), query->letters);
    query_names.push_back(query->id);
  }
  write_text(renamed, fasta);
  const auto output = fasta.empty()
                          ? std::string{}
                          : run_tool(search_command(options, whole_alias(database), renamed));
  fs::remove(renamed);
  std::string expected;
  for (const QueryHits& part : parse_hits(output))
    expected += print_hits(part, query_names.at(part.query), names);
  return expected == contents(hits);
}

nlohmann::json compare_with_truth(const fs::path& truth, const fs::path& hits) {
  std::set<std::pair<std::string, std::string>> found;
  std::istringstream lines(contents(hits));
  for (std::string line; std::getline(lines, line);) {
    const auto first = line.find('\t');
    const auto second = line.find('\t', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    found.emplace(line.substr(0, first), line.substr(first + 1, second - first - 1));
  }
  std::size_t planted = 0, seen = 0, planted_near = 0, seen_near = 0;
  std::istringstream known(contents(truth));
  for (std::string query, source; known >> query >> source;) {
    double begin = 0, length = 0, divergence = 0;
    std::uint64_t exact = 0;
    if (!(known >> begin >> length >> divergence >> exact))
      throw InputError(fmt::format("{}: the line of '{}' is no truth", truth.string(), query));
    if (source == "-") continue;
    const std::size_t hit = found.count({query, source});
    ++planted;
    seen += hit;
    if (divergence > kNear || exact < kSeed) continue;
    ++planted_near;
    seen_near += hit;
  }
  return {{"planted", planted},
          {"found", seen},
          {"planted_near", planted_near},
          {"found_near", seen_near}};
}

}  // namespace migbench::blast
