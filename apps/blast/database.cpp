#include "apps/blast/database.hpp"

#include <algorithm>
#include <fstream>
#include <unordered_set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/blast/engine.hpp"
#include "bench/document.hpp"
#include "bench/error.hpp"

namespace migbench::blast {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::string_view kSchema = "migbench-blast-database/1";

struct Totals {
  std::uint64_t sequences = 0;
  std::uint64_t letters = 0;
};

/// Reads the whole file once: checks it, counts it, and writes the names.
Totals survey(const fs::path& fasta, Molecule molecule, const fs::path& names_file) {
  FastaReader reader(fasta.string(), molecule, Empty::refused);
  std::ofstream names(names_file, std::ios::binary);
  std::unordered_set<std::string> seen;
  Totals totals;
  while (const auto sequence = reader.next()) {
    if (!seen.insert(sequence->id).second) {
      throw InputError(fmt::format(
          "{}:{}: the name '{}' stands there a second time: hits could not be told apart",
          fasta.string(), sequence->line, sequence->id));
    }
    names << sequence->id << '\n';
    ++totals.sequences;
    totals.letters += sequence->letters.size();
  }
  names.close();
  if (!names) throw Error(fmt::format("cannot write {}: is the disk full?", names_file.string()));
  return totals;
}

std::string alias_extension(Molecule molecule) {
  return molecule == Molecule::nucleotide ? ".nal" : ".pal";
}

void finish_fragment(const Fragment& fragment, const Database& database) {
  const auto base = database.directory / fragment.name;
  const auto fasta = base.string() + ".fa";
  run_tool({"makeblastdb", "-in", fasta, "-dbtype", name(database.molecule), "-title",
            fragment.name, "-out", fragment_data(base).string()});
  fs::remove(fasta);
  // By its name alone: the files may be moved, or sent to a worker.
  write_alias(base, {fragment_data(fragment.name).string()}, database);
}

void split(const fs::path& fasta, unsigned pieces, Database& database) {
  FastaReader reader(fasta.string(), database.molecule, Empty::refused);
  std::ofstream out;
  std::uint64_t position = 0;
  std::uint64_t letters = 0;
  const auto close = [&] {
    if (!out.is_open()) return;
    out.close();
    if (!out)
      throw Error(
          fmt::format("cannot write into {}: is the disk full?", database.directory.string()));
  };
  while (const auto sequence = reader.next()) {
    // A new piece starts where the letters so far reach its share.
    const auto started = database.fragments.size();
    const bool due = letters * pieces >= database.letters * started;
    if (started == 0 || (started < pieces && due)) {
      close();
      database.fragments.push_back({.name = fmt::format("f{:03}", started), .first = position});
      out.open(database.directory / (database.fragments.back().name + ".fa"), std::ios::binary);
    }
    out << '>' << position << '\n' << sequence->letters << '\n';
    ++database.fragments.back().sequences;
    database.fragments.back().letters += sequence->letters.size();
    letters += sequence->letters.size();
    ++position;
  }
  close();
}

}  // namespace

Database cut_database(const fs::path& fasta, Molecule molecule, unsigned fragments,
                      const fs::path& directory) {
  if (fragments == 0 || fragments > 1000)
    throw InputError("a database is cut into 1 to 1000 fragments");
  refuse_blanks(directory);
  fs::create_directories(directory);
  if (fs::exists(directory / "database.json")) {
    throw InputError(
        fmt::format("{} holds a database already: name another directory", directory.string()));
  }
  Database database{{molecule, 0, 0}, directory, {}};
  const Totals totals = survey(fasta, molecule, directory / "names.txt");
  database.sequences = totals.sequences;
  database.letters = totals.letters;
  split(fasta, fragments, database);
  auto list = json::array();
  for (const Fragment& fragment : database.fragments) {
    finish_fragment(fragment, database);
    list.push_back({{"name", fragment.name},
                    {"first", fragment.first},
                    {"sequences", fragment.sequences},
                    {"letters", fragment.letters}});
  }
  // Last: a directory without it holds nothing that can be opened.
  json manifest = to_json(database);
  manifest["schema"] = kSchema;
  manifest["fragments"] = std::move(list);
  write_json(directory / "database.json", manifest);
  return database;
}

Database open_database(const fs::path& directory) {
  refuse_blanks(directory);
  const auto file = directory / "database.json";
  if (!fs::exists(file)) {
    throw InputError(fmt::format("{} holds no database: make one with 'migbench-blast cut'",
                                 directory.string()));
  }
  const json manifest = read_json(file);
  try {
    if (manifest.at("schema") != kSchema)
      throw InputError(fmt::format("{}: not a {} file", file.string(), kSchema));
    Database database{whole_from_json(manifest), directory, {}};
    for (const json& entry : manifest.at("fragments")) {
      database.fragments.push_back(
          {entry.at("name"), entry.at("first"), entry.at("sequences"), entry.at("letters")});
    }
    if (database.fragments.empty())
      throw InputError(fmt::format("{}: no fragments", file.string()));
    return database;
  } catch (const json::exception& error) {
    throw InputError(fmt::format("{}: {}", file.string(), error.what()));
  }
}

std::vector<std::string> read_names(const Database& database) {
  std::ifstream file(database.directory / "names.txt");
  std::vector<std::string> names;
  names.reserve(database.sequences);
  for (std::string line; std::getline(file, line);)
    names.push_back(line);
  if (names.size() != database.sequences) {
    throw InputError(fmt::format("{}: {} names, but the database has {} sequences: cut it again",
                                 (database.directory / "names.txt").string(), names.size(),
                                 database.sequences));
  }
  return names;
}

std::vector<std::string> fragment_files(const Database& database, const Fragment& fragment) {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(database.directory)) {
    const auto file = entry.path().filename().string();
    if (file.rfind(fragment.name + ".", 0) == 0 || file.rfind(fragment.name + "_s.", 0) == 0)
      files.push_back(file);
  }
  if (files.empty())
    throw InputError(
        fmt::format("{}: no files of fragment {}", database.directory.string(), fragment.name));
  std::sort(files.begin(), files.end());
  return files;
}

fs::path fragment_data(const fs::path& fragment) {
  return fragment.string() + "_s";
}

void write_alias(const fs::path& alias, const std::vector<std::string>& parts, const Whole& whole) {
  write_text(alias.string() + alias_extension(whole.molecule),
             fmt::format("TITLE {}\nDBLIST {}\nSTATS_NSEQ {}\nSTATS_TOTLEN {}\n",
                         alias.filename().string(), fmt::join(parts, " "), whole.sequences,
                         whole.letters));
}

void refuse_blanks(const fs::path& directory) {
  const std::string text = fs::absolute(directory).string();
  if (text.find_first_of(" \t\n\"") == std::string::npos) return;
  throw InputError(fmt::format(
      "'{}': the NCBI engine takes a database's path with a blank or a quote in it for several: "
      "name another directory",
      text));
}

json to_json(const Whole& whole) {
  return {{"molecule", name(whole.molecule)},
          {"sequences", whole.sequences},
          {"letters", whole.letters}};
}

Whole whole_from_json(const json& json) {
  return {parse_molecule(json.at("molecule")), json.at("sequences"), json.at("letters")};
}

fs::path fragment_path(const fs::path& directory, const Fragment& fragment) {
  return directory / fragment.name;
}

}  // namespace migbench::blast
