#include "harness/report/row_view.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "harness/report/numbers.hpp"
#include "harness/report/rows.hpp"

namespace migbench {
namespace {

using nlohmann::json;

constexpr std::size_t kMostNotes = 8;

const json* find_value(const json& row, const std::string& key) {
  for (const char* part : {"point", "parameters"}) {
    const json& object = row.at(part);
    if (const auto found = object.find(key); found != object.end()) return &*found;
  }
  return nullptr;
}

void add_differing(const RowList& rows, const char* part, std::vector<std::string>& keys) {
  std::set<std::string> all;
  for (const json* row : rows) {
    for (const auto& [key, value] : row->at(part).items())
      all.insert(key);
  }
  for (const std::string& key : all) {
    const json* first = find_value(*rows.front(), key);
    const bool shared = std::all_of(rows.begin(), rows.end(), [&](const json* row) {
      const json* value = find_value(*row, key);
      return value && first && *value == *first;
    });
    if (!shared && std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
  }
}

std::string row_name(const json& row, const std::vector<std::string>& keys) {
  std::string text = place_text(row);
  for (const std::string& key : keys) {
    const std::string value = key_text(row, key);
    if (!value.empty()) text += " " + value;
  }
  return text;
}

bool is_ambiguous_note(const std::string& note) {
  return note.starts_with("ambiguous: ");
}

/// One line for all ambiguous rows.
std::string ambiguous_note(const RowList& rows) {
  std::size_t compared = 0, count = 0, hopeless = 0;
  std::size_t fewest = std::numeric_limits<std::size_t>::max();
  std::size_t most = 0;
  for (const json* row : rows) {
    const json& ratio = row->at("ratio");
    if (!ratio.is_object()) continue;
    ++compared;
    if (ratio.at("verdict") != "ambiguous") continue;
    ++count;
    if (ratio.at("launches_needed").is_null()) {
      ++hopeless;
      continue;
    }
    const auto needed = ratio.at("launches_needed").get<std::size_t>();
    fewest = std::min(fewest, needed);
    most = std::max(most, needed);
  }
  if (count == 0) return "";
  std::string text = fmt::format("ambiguous: {} of {} comparisons; ", count, compared);
  if (most > 0) {
    text += fewest == most ? fmt::format("about {} launches a cell would tell", most)
                           : fmt::format("about {} to {} launches a cell would tell", fewest, most);
  }
  if (hopeless > 0) {
    text += fmt::format("{}{} would need more than 1000, or a wider margin", most > 0 ? ", " : "",
                        hopeless);
  }
  return text;
}

}  // namespace

std::string place_text(const json& row) {
  std::string text = row.at("environment").get<std::string>();
  const bool control = row.value("control", false);
  if (row.at("technique").is_string()) {
    text += (control ? ", control of " : ", ") + row.at("technique").get<std::string>();
  } else if (control) {
    text += ", control";
  }
  return text;
}

std::vector<std::string> differing_keys(const RowList& rows) {
  std::vector<std::string> keys;
  if (rows.empty()) return keys;
  add_differing(rows, "parameters", keys);
  add_differing(rows, "point", keys);
  return keys;
}

std::string key_text(const json& row, const std::string& key) {
  const json* value = find_value(row, key);
  return value ? value_text(key, *value) : "";
}

void sort_by_keys(RowList& rows, const std::vector<std::string>& keys) {
  std::stable_sort(rows.begin(), rows.end(), [&](const json* a, const json* b) {
    for (const std::string& key : keys) {
      const json* x = find_value(*a, key);
      const json* y = find_value(*b, key);
      if (!x || !y) {
        if (x != y) return x == nullptr;
        continue;
      }
      if (natural_less(*x, *y)) return true;
      if (natural_less(*y, *x)) return false;
    }
    return false;
  });
}

std::string shared_text(const RowList& rows) {
  if (rows.empty()) return "";
  json shared = rows.front()->at("parameters");
  shared.update(rows.front()->at("point"));
  const auto differing = differing_keys(rows);
  for (const std::string& key : differing)
    shared.erase(key);
  return object_text(shared);
}

std::string launches_text(const RowList& rows) {
  std::size_t fewest = std::numeric_limits<std::size_t>::max();
  std::size_t most = 0;
  for (const json* row : rows) {
    fewest = std::min(fewest, row->at("n").get<std::size_t>());
    most = std::max(most, row->at("n").get<std::size_t>());
  }
  return fewest == most ? fmt::format("n = {}", most) : fmt::format("n = {} to {}", fewest, most);
}

std::string labels_of_rows(const RowList& rows) {
  std::set<std::string> labels;
  for (const json* row : rows) {
    for (const json& label : row->at("labels"))
      labels.insert(label.get<std::string>());
  }
  return labels_text(labels);
}

Text median_cell(const json& row) {
  Text cell{estimate_text(row.at("median"), row.at("interval"))};
  if (row.at("suspect").get<bool>()) cell = {cell.text + " suspect", Tone::unsure};
  return cell;
}

Text ratio_cell(const json& row) {
  const json& ratio = row.at("ratio");
  if (!ratio.is_object()) return {};
  return {estimate_text(ratio.at("value"), ratio.at("interval"))};
}

Text verdict_cell(const json& row) {
  const json& ratio = row.at("ratio");
  if (!ratio.is_object()) return {};
  const auto verdict = ratio.at("verdict").get<std::string>();
  if (ratio.value("like_with_like", json()) == false) return {verdict + ", unlike", Tone::unsure};
  const Tone tone = verdict == "faster"   ? Tone::good
                    : verdict == "slower" ? Tone::bad
                    : verdict == "same"   ? Tone::equal
                                          : Tone::unsure;
  return {verdict, tone};
}

std::vector<std::string> notes_of_rows(const RowList& rows, const std::vector<std::string>& keys) {
  // A note with the rows that have it, in the order of its first row.
  std::vector<std::pair<std::string, std::vector<std::string>>> grouped;
  const auto add = [&](const std::string& note, const json& row) {
    auto found = std::find_if(grouped.begin(), grouped.end(),
                              [&](const auto& entry) { return entry.first == note; });
    if (found == grouped.end()) found = grouped.insert(grouped.end(), {note, {}});
    found->second.push_back(row_name(row, keys));
  };
  for (const json* row : rows) {
    for (const json& note : row->at("notes")) {
      if (!is_ambiguous_note(note.get<std::string>())) add(note.get<std::string>(), *row);
    }
    std::string strange;
    for (const json& outlier : row->at("outliers")) {
      strange += fmt::format("{}trial {} ({})", strange.empty() ? "" : ", ",
                             outlier.at("trial").get<int>(), number_text(outlier.at("value")));
    }
    if (!strange.empty()) add("outlier, in the median all the same: " + strange, *row);
  }
  std::vector<std::string> notes;
  if (std::string note = ambiguous_note(rows); !note.empty()) notes.push_back(std::move(note));
  for (std::size_t i = 0; i < grouped.size() && i < kMostNotes; ++i) {
    const auto& [note, names] = grouped[i];
    notes.push_back(names.size() == 1 ? fmt::format("{}: {}", names[0], note)
                                      : fmt::format("{} rows: {}", names.size(), note));
  }
  if (grouped.size() > kMostNotes) {
    notes.push_back(
        fmt::format("{} more notes: see \"notes\" in report.json", grouped.size() - kMostNotes));
  }
  return notes;
}

}  // namespace migbench
