#include "harness/report/fairness.hpp"

#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace migbench {
namespace {

using nlohmann::json;
using Texts = std::set<std::string>;

/// All that the trials of a row say, each once.
struct Said {
  Texts programs;               ///< "migbench-npb 1234abcd1234"
  Texts builds;                 ///< "flags -O3 ...", told beside programs that differ
  Texts placements;             ///< "socket"
  std::map<int, Texts> places;  ///< where a rank may run
  bool complete = true;
};

std::string program_text(const json& program, const char* path) {
  const auto name = std::filesystem::path(program.at(path).get<std::string>()).filename().string();
  return fmt::format("{} {}", name, program.at("sha256").get<std::string>().substr(0, 12));
}

/// The driver's account: programs are objects with a hash, all else is told as it is.
void add_build(const json& build, Said& said) {
  if (!build.is_object()) return;
  for (const auto& [name, value] : build.items()) {
    if (value.is_object() && value.contains("path") && value.contains("sha256"))
      said.programs.insert(program_text(value, "path"));
    else if (value.is_string())
      said.builds.insert(fmt::format("{} {}", name, value.get<std::string>()));
  }
}

Said gather(const Row& row) {
  Said said;
  for (const json& evidence : row.evidence) {
    said.placements.insert(evidence.at("placement").get<std::string>());
    said.complete = said.complete && evidence.at("complete").get<bool>();
    add_build(evidence.value("build", json()), said);
    for (const json& rank : evidence.at("ranks")) {
      said.programs.insert(program_text(rank, "program"));
      const json& cpus = rank.at("machine_cpus");
      said.places[rank.at("rank")].insert(cpus.is_string()
                                              ? "CPUs " + cpus.get<std::string>()
                                              : "CPUs that are pinned to none of the machine's");
    }
  }
  return said;
}

/// What only the one has, and what only the other.
std::string difference(const Texts& here, const Texts& there) {
  Texts only_here, only_there;
  for (const auto& text : here)
    if (!there.contains(text)) only_here.insert(text);
  for (const auto& text : there)
    if (!here.contains(text)) only_there.insert(text);
  return fmt::format(
      "{} here, {} in the baseline",
      only_here.empty() ? "nothing more" : fmt::format("{}", fmt::join(only_here, ", ")),
      only_there.empty() ? "nothing more" : fmt::format("{}", fmt::join(only_there, ", ")));
}

std::string refusal(const Said& here, const Said& there) {
  if (here.programs == there.programs) return "";
  std::string text = "not compared, other programs: " + difference(here.programs, there.programs);
  if (here.builds != there.builds) text += "; " + difference(here.builds, there.builds);
  return text;
}

std::vector<std::string> marks(const Said& here, const Said& there) {
  std::vector<std::string> list;
  if (here.placements != there.placements)
    list.push_back("unequal placement: " + difference(here.placements, there.placements));
  for (const auto& [rank, places] : here.places) {
    const auto other = there.places.find(rank);
    if (other == there.places.end() || other->second == places) continue;
    list.push_back(
        fmt::format("unequal placement: rank {} on {}", rank, difference(places, other->second)));
    break;  // the first tells what kind it is
  }
  if (!here.complete || !there.complete)
    list.emplace_back("placement not proven: not every rank said where it runs");
  return list;
}

}  // namespace

Fairness fairness(const Row& row, const Row& baseline) {
  if (row.evidence.empty() && baseline.evidence.empty()) return {};
  Fairness result;
  if (row.evidence.empty() || baseline.evidence.empty()) {
    result.marks.push_back(fmt::format("placement not proven: {} left no evidence",
                                       row.evidence.empty() ? "this row" : "the baseline"));
  } else {
    const Said here = gather(row), there = gather(baseline);
    result.refusal = refusal(here, there);
    result.marks = marks(here, there);
  }
  result.like_with_like = result.refusal.empty() && result.marks.empty();
  return result;
}

}  // namespace migbench
