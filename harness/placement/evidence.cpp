#include "harness/placement/evidence.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/placement/seat.hpp"

namespace migbench {
namespace {

using nlohmann::json;

/// Nothing where another program wrote such a line, or half of one.
std::vector<Witness> parse_line(const std::string& line) {
  const json said = json::parse(line.substr(kWitness.size() - 1), nullptr, false);
  try {
    return {{said.at("rank"), said.at("host"), said.at("placement"),
             said.at("cpus").get<std::vector<unsigned>>(), said.at("program"), said.at("sha256")}};
  } catch (const json::exception&) {
    return {};
  }
}

/// A guest's own processors, counted from 0, are those of the machine that "pin" names.
json machine_cpus(const Witness& witness, const json& facts) {
  if (!facts.contains("vcpus")) return cpu_list(witness.cpus);
  const auto pins = facts.value("pin", std::vector<unsigned>{});
  std::vector<unsigned> cpus;
  for (const unsigned cpu : witness.cpus) {
    if (cpu >= pins.size()) return nullptr;
    cpus.push_back(pins[cpu]);
  }
  return cpu_list(std::move(cpus));
}

}  // namespace

std::string witness_line(const Witness& witness) {
  const json said{{"rank", witness.rank},           {"host", witness.host},
                  {"placement", witness.placement}, {"cpus", witness.cpus},
                  {"program", witness.program},     {"sha256", witness.sha256}};
  return fmt::format("{}{}\n", kWitness.substr(0, kWitness.size() - 1), said.dump());
}

std::vector<Witness> take_witnesses(std::string& text) {
  std::vector<Witness> found;
  for (std::size_t at = text.find(kWitness); at != std::string::npos;
       at = text.find(kWitness, at)) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const auto parsed = parse_line(text.substr(at, end - at));
    if (parsed.empty()) {
      at = end;
      continue;
    }
    found.push_back(parsed.front());
    text.erase(at, std::min(end + 1, text.size()) - at);
  }
  std::sort(found.begin(), found.end(),
            [](const Witness& a, const Witness& b) { return a.rank < b.rank; });
  return found;
}

std::string cpu_list(std::vector<unsigned> cpus) {
  std::sort(cpus.begin(), cpus.end());
  std::string text;
  for (std::size_t i = 0; i < cpus.size();) {
    std::size_t last = i;
    while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1)
      ++last;
    text += fmt::format("{}{}", text.empty() ? "" : ",", cpus[i]);
    if (last > i) text += fmt::format("-{}", cpus[last]);
    i = last + 1;
  }
  return text;
}

json evidence_of(const std::vector<Witness>& witnesses, const std::string& placement,
                 const std::vector<int>& groups, const json& instances) {
  json ranks = json::array();
  int expected = 0;
  for (const int size : groups)
    expected += size;
  bool complete = static_cast<int>(witnesses.size()) == expected;
  for (const Witness& witness : witnesses) {
    complete = complete && witness.rank == static_cast<int>(ranks.size());
    json facts = json::object();
    if (witness.rank < expected)
      facts = instances.at(static_cast<std::size_t>(seat_of(witness.rank, groups).group))
                  .value("facts", json::object());
    ranks.push_back({{"rank", witness.rank},
                     {"host", witness.host},
                     {"cpus", cpu_list(witness.cpus)},
                     {"machine_cpus", machine_cpus(witness, facts)},
                     {"program", witness.program},
                     {"sha256", witness.sha256}});
  }
  return {{"placement", placement}, {"complete", complete}, {"ranks", ranks}};
}

}  // namespace migbench
