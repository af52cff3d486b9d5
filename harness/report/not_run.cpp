#include "harness/report/not_run.hpp"

#include <algorithm>
#include <string>

#include "harness/report/row_json.hpp"
#include "harness/report/rows.hpp"

namespace migbench {
namespace {

using nlohmann::json;

void add(json& list, const Record& record) {
  for (json& entry : list) {
    if (entry["outcome"] == name(record.outcome) && entry["reason"] == record.reason) {
      entry["trials"].push_back(record.trial);
      return;
    }
  }
  json entry = identity_json(record.cell);
  entry["outcome"] = name(record.outcome);
  entry["reason"] = record.reason.empty() ? "the record gives no reason" : record.reason;
  entry["remedy"] = record.remedy;
  entry["trials"] = {record.trial};
  list.push_back(std::move(entry));
}

std::string why_not_started(const RunData& data) {
  const std::string state = data.run.value("state", "unknown");
  if (state == "finished") return "the run's budget was spent before its first trial";
  return "the run is " + state + ": no trial of this cell was finished";
}

}  // namespace

json list_not_run(const RunData& data) {
  json all = json::array();
  for (const Cell& cell : data.cells) {
    json own = json::array();
    bool any = false;
    for (const Record& record : data.records) {
      if (record.cell.id != cell.id) continue;
      any = true;
      if (record.outcome != Outcome::ok) add(own, record);
    }
    if (!any) {
      json entry = identity_json(cell);
      entry.update({{"outcome", "not-started"},
                    {"reason", why_not_started(data)},
                    {"remedy", "migbench resume " + data.name},
                    {"trials", json::array()}});
      own.push_back(std::move(entry));
    }
    all.insert(all.end(), own.begin(), own.end());
  }
  return all;
}

json summarize_cells(const RunData& data) {
  std::map<std::string, std::size_t> cells;
  for (const Cell& cell : data.cells) {
    const auto counts = count_outcomes(data, cell.id);
    const std::size_t bad = counts.at("failed") + counts.at("suspect") + counts.at("unsupported");
    if (counts.at("ok") > 0) {
      ++cells["measured"];
      cells["partly"] += bad > 0 ? 1 : 0;
    } else if (counts.at("suspect") > 0) {
      ++cells["suspect"];
    } else if (counts.at("failed") > 0) {
      ++cells["failed"];
    } else if (counts.at("unsupported") > 0) {
      ++cells["unsupported"];
    } else {
      ++cells["not_started"];
    }
  }
  json summary{{"cells", data.cells.size()}, {"trials", data.records.size()}};
  for (const char* key : {"measured", "partly", "failed", "unsupported", "suspect", "not_started"})
    summary[key] = cells[key];
  // As the exit code of the run: a failed trial is a failure, a suspect one is a doubt.
  const auto any = [&](Outcome outcome) {
    return std::any_of(data.records.begin(), data.records.end(),
                       [&](const Record& record) { return record.outcome == outcome; });
  };
  const bool failed = any(Outcome::failed);
  const bool complete = data.run.value("state", "") == "finished" && cells["not_started"] == 0;
  summary["verdict"] = cells["measured"] + cells["suspect"] == 0 && !failed ? "nothing-ran"
                       : failed                                             ? "failed"
                       : !complete                                          ? "incomplete"
                       : any(Outcome::suspect)                              ? "suspect"
                                                                            : "ok";
  return summary;
}

}  // namespace migbench
