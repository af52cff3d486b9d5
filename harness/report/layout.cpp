#include "harness/report/layout.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/report/numbers.hpp"

namespace migbench {
namespace {

using nlohmann::json;

std::string text_or(const json& value, const std::string& other) {
  return value.is_string() ? value.get<std::string>() : other;
}

Text state_line(const json& report) {
  const json& summary = report.at("summary");
  const auto count = [&](const char* key) { return summary.at(key).get<std::size_t>(); };
  std::string text = fmt::format("{} of {} cells measured in {} trials", count("measured"),
                                 count("cells"), count("trials"));
  for (const auto& [key, word] : {std::pair{"failed", "failed"},
                                  {"unsupported", "unsupported"},
                                  {"suspect", "suspect"},
                                  {"not_started", "not started"},
                                  {"partly", "with bad trials"}}) {
    if (count(key) > 0) text += fmt::format(", {} {}", count(key), word);
  }
  const auto verdict = summary.at("verdict").get<std::string>();
  if (verdict == "nothing-ran") return {"NOTHING RAN: " + text, Tone::bad};
  if (verdict == "failed") return {"FAILED: " + text, Tone::bad};
  if (verdict == "suspect") return {"SUSPECT: " + text, Tone::unsure};
  if (verdict == "incomplete") return {"INCOMPLETE: " + text, Tone::unsure};
  return {text, Tone::plain};
}

/// Above this share, what others did to the caches and the scheduler is in the figures.
constexpr double kBusyShare = 0.1;

bool was_busy(const json& foreign) {
  return foreign.is_object() && foreign.at("median").get<double>() > kBusyShare;
}

std::string busy_line(const json& foreign) {
  return fmt::format(
      "BUSY MACHINE: other programs used {:.0f} % of its CPUs while a trial ran (median; up to "
      "{:.0f} %), and their noise is in every figure",
      100 * foreign.at("median").get<double>(), 100 * foreign.at("maximum").get<double>());
}

std::string comparison_line(const json& comparison) {
  const json& baseline = comparison.at("baseline");
  std::string text = "compared with " + baseline.at("environment").get<std::string>();
  if (baseline.at("technique").is_string())
    text += ", moves with " + baseline.at("technique").get<std::string>();
  return text + fmt::format(
                    "; 'same' within {:.3g} %; {} of {} comparisons conclusive, intervals "
                    "of ratios {:.4g} %, of medians 95 %",
                    100 * comparison.at("margin").get<double>(),
                    comparison.at("conclusive").get<std::size_t>(),
                    comparison.at("comparisons").get<std::size_t>(),
                    100 * comparison.at("confidence").get<double>());
}

}  // namespace

std::vector<Text> head_lines(const json& report) {
  const json& run = report.at("run");
  const json& host = run.at("host");
  std::vector<Text> lines;
  lines.push_back({fmt::format(
      "run {} ({}), plan {}, seed {}, commit {}, started {}", run.at("name").get<std::string>(),
      run.at("state").get<std::string>(), text_or(run.at("plan"), "?"), run.at("seed").dump(),
      text_or(run.at("commit"), "?"), text_or(run.at("started"), "?"))});
  const json cpu = host.value("cpu", json::object());
  lines.push_back(
      {fmt::format("host {}, {}, {}, kernel {}", text_or(host.value("hostname", json()), "?"),
                   text_or(cpu.value("model", json()), "unknown CPU"),
                   text_or(host.value("os", json()), "unknown system"),
                   text_or(host.value("kernel", json()), "?"))});
  lines.push_back(state_line(report));
  if (const json foreign = run.value("foreign_share", json()); was_busy(foreign))
    lines.push_back({busy_line(foreign), Tone::unsure});
  if (!report.at("labels").empty())
    lines.push_back({"labels: " + labels_text(report.at("labels")), Tone::unsure});
  if (report.at("comparison").at("comparisons").get<std::size_t>() > 0)
    lines.push_back({comparison_line(report.at("comparison"))});
  return lines;
}

std::vector<TableView> layout(const json& report, std::size_t width) {
  std::vector<TableView> all;
  for (auto& part :
       {measure_tables(report, width), migration_tables(report, width), hypervisor_tables(report),
        sweep_tables(report), published_tables(report), not_run_tables(report)}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

void fold_shared_columns(TableView& table, const std::vector<std::string>& names) {
  if (table.rows.empty()) return;
  for (const std::string& name : names) {
    const auto found = std::find(table.header.begin(), table.header.end(), name);
    if (found == table.header.end()) continue;
    const auto column = found - table.header.begin();
    const auto at = static_cast<std::size_t>(column);
    const std::string shared = table.rows.front().at(at).text;
    if (!std::all_of(table.rows.begin(), table.rows.end(),
                     [&](const auto& row) { return row.at(at).text == shared; })) {
      continue;
    }
    if (!shared.empty()) table.title += ", " + name + " " + shared;
    table.header.erase(found);
    for (auto& row : table.rows)
      row.erase(row.begin() + column);
  }
}

std::size_t text_width(const std::string& text) {
  // Every byte that does not continue a UTF-8 sequence starts a code point.
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::size_t table_width(const TableView& table) {
  std::size_t total = 0;
  for (std::size_t c = 0; c < table.header.size(); ++c) {
    std::size_t widest = text_width(table.header[c]);
    for (const auto& row : table.rows)
      widest = std::max(widest, text_width(row.at(c).text));
    total += widest + (c > 0 ? 2 : 0);
  }
  return total;
}

}  // namespace migbench
