#include "harness/report/figures.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "harness/report/downtime_names.hpp"
#include "harness/report/numbers.hpp"
#include "harness/report/row_view.hpp"
#include "harness/report/rows.hpp"

namespace migbench {
namespace {

using nlohmann::json;

struct Group {
  std::string workload, metric, unit;
  RowList rows;
};

std::vector<Group> groups_of(const json& report) {
  std::vector<Group> groups;
  for (const json& row : report.at("rows")) {
    const auto metric = row.at("metric").get<std::string>();
    if (metric.starts_with("phase-") || metric.starts_with("downtime-")) continue;
    const auto workload = row.at("workload").get<std::string>();
    const auto unit = row.at("unit").get<std::string>();
    auto found = std::find_if(groups.begin(), groups.end(), [&](const Group& group) {
      return group.workload == workload && group.metric == metric && group.unit == unit;
    });
    if (found == groups.end()) found = groups.insert(groups.end(), {workload, metric, unit, {}});
    found->rows.push_back(&row);
  }
  return groups;
}

json labels_of(const RowList& rows) {
  std::set<std::string> labels;
  for (const json* row : rows) {
    for (const json& label : row->at("labels"))
      labels.insert(label.get<std::string>());
  }
  return labels;
}

json figure_head(const Group& group, const std::string& kind, const std::string& title) {
  return {{"id", group.workload + "-" + group.metric + "-" + kind},
          {"kind", kind},
          {"title", title},
          {"labels", labels_of(group.rows)}};
}

std::optional<double> quantity_at(const json& row, const std::string& key) {
  for (const char* part : {"point", "parameters"}) {
    if (const auto found = row.at(part).find(key); found != row.at(part).end())
      return as_quantity(*found);
  }
  return std::nullopt;
}

/// The first key with at least three different quantities: what a line is drawn over.
std::string axis_key(const RowList& rows, const std::vector<std::string>& keys) {
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
    std::set<double> different;
    bool all = true;
    for (const json* row : rows) {
      const auto quantity = quantity_at(*row, *key);
      all = all && quantity.has_value();
      if (quantity) different.insert(*quantity);
    }
    if (all && different.size() >= 3) return *key;
  }
  return "";
}

std::string series_name(const json& row, const std::vector<std::string>& keys,
                        const std::string& but) {
  std::string name = place_text(row);
  for (const std::string& key : keys) {
    if (const std::string text = key_text(row, key); key != but && !text.empty())
      name += " " + key + "=" + text;
  }
  return name;
}

json& series_named(json& list, const std::string& name) {
  for (json& series : list) {
    if (series["name"] == name) return series;
  }
  list.push_back({{"name", name}, {"points", json::array()}});
  return list.back();
}

/// Logarithmic where all values are above zero and span more than a decade.
std::string scale_of(const std::vector<double>& values) {
  double least = INFINITY;
  double most = 0;
  for (const double value : values) {
    if (value < 0) return "linear";
    if (value > 0) least = std::min(least, value);
    most = std::max(most, value);
  }
  return most > 10 * least ? "log" : "linear";
}

json lines_figure(const Group& group, RowList rows) {
  const auto keys = differing_keys(rows);
  const std::string key = axis_key(rows, keys);
  if (key.empty()) return nullptr;
  sort_by_keys(rows, {key});
  json figure =
      figure_head(group, "lines", fmt::format("{}: {} over {}", group.workload, group.metric, key));
  std::vector<double> xs, ys;
  json series = json::array();
  for (const json* row : rows) {
    const json& interval = row->at("interval");
    const double x = *quantity_at(*row, key);
    xs.push_back(x);
    ys.push_back(row->at("median").get<double>());
    series_named(series, series_name(*row, keys, key))["points"].push_back(
        {{"x", x},
         {"y", row->at("median")},
         {"low", interval.is_array() ? interval.at(0) : json()},
         {"high", interval.is_array() ? interval.at(1) : json()},
         {"text", key_text(*row, key)}});
  }
  figure["x"] = {{"name", key}, {"scale", scale_of(xs)}};
  figure["y"] = {{"name", group.metric + " (" + group.unit + ")"}, {"scale", scale_of(ys)}};
  figure["series"] = series;
  return figure;
}

bool is_outlier(const json& row, const json& trial) {
  const json& list = row.at("outliers");
  return std::any_of(list.begin(), list.end(),
                     [&](const json& outlier) { return outlier.at("trial") == trial; });
}

json strips_figure(const Group& group, RowList rows) {
  const auto keys = differing_keys(rows);
  sort_by_keys(rows, keys);
  json figure = figure_head(group, "strips",
                            fmt::format("{}: all trials of {}", group.workload, group.metric));
  json categories = json::array();
  json series = json::array();
  for (const json* row : rows) {
    const auto median = row->at("median").get<double>();
    if (median == 0) continue;  // nothing is a share of zero
    std::string category;
    for (const std::string& key : keys) {
      if (const std::string text = key_text(*row, key); !text.empty())
        category += (category.empty() ? "" : " ") + text;
    }
    auto found = std::find(categories.begin(), categories.end(), category);
    if (found == categories.end()) {
      categories.push_back(category);
      found = categories.end() - 1;
    }
    json& points = series_named(series, place_text(*row))["points"];
    for (const json& value : row->at("values")) {
      points.push_back({{"category", found - categories.begin()},
                        {"y", 100 * (value.at("value").get<double>() - median) / std::abs(median)},
                        {"value", value.at("value")},
                        {"trial", value.at("trial")},
                        {"outlier", is_outlier(*row, value.at("trial"))},
                        {"suspect", value.at("suspect")}});
    }
  }
  figure["y"] = {{"name", "% away from the median of the trials"}, {"scale", "linear"}};
  figure["categories"] = categories;
  figure["series"] = series;
  return figure;
}

json downtime_figure(const json& report) {
  Group group{"downtime", "estimators", "ms", {}};
  for (const json& row : report.at("rows")) {
    if (row.at("metric").get<std::string>().starts_with("downtime-")) group.rows.push_back(&row);
  }
  if (group.rows.empty()) return nullptr;
  const auto keys = differing_keys(group.rows);
  sort_by_keys(group.rows, keys);
  json figure = figure_head(group, "bars", "downtime by estimator");
  json categories = json::array();
  json series = json::array();
  for (const DowntimeEstimator& estimator : kDowntimeEstimators) {
    for (const json* row : group.rows) {
      if (row->at("metric") != estimator.metric) continue;
      const std::string name = series_name(*row, keys, "");
      auto found = std::find(categories.begin(), categories.end(), name);
      if (found == categories.end()) {
        categories.push_back(name);
        found = categories.end() - 1;
      }
      const json& interval = row->at("interval");
      series_named(series, estimator.heading)["points"].push_back(
          {{"category", found - categories.begin()},
           {"y", row->at("median")},
           {"low", interval.is_array() ? interval.at(0) : json()},
           {"high", interval.is_array() ? interval.at(1) : json()}});
    }
  }
  figure["y"] = {{"name", "downtime (ms)"}, {"scale", "linear"}};
  figure["categories"] = categories;
  figure["series"] = series;
  return figure;
}

json timeline_figure(const json& migration) {
  const json& example = migration.at("example");
  if (!example.is_object() || example.at("phases").empty()) return nullptr;
  json spans = json::array();
  for (const json& phase : example.at("phases")) {
    spans.push_back({{"name", phase.at("name")},
                     {"start", phase.at("start_ms")},
                     {"end", phase.at("end_ms")},
                     {"outage", false}});
  }
  for (const json& outage : example.at("outages")) {
    spans.push_back({{"name", "outage " + outage.at("kind").get<std::string>()},
                     {"start", outage.at("start_ms")},
                     {"end", outage.at("end_ms")},
                     {"outage", true}});
  }
  const std::string parameters = object_text(migration.at("parameters"));
  return {{"id", migration.at("cell").get<std::string>() + "-timeline"},
          {"kind", "timeline"},
          {"title",
           fmt::format("{} in {}{}: phases of the move of median length (trial {}), and "
                       "the probe's outages",
                       migration.at("technique").get<std::string>(),
                       migration.at("environment").get<std::string>(),
                       parameters.empty() ? "" : ", " + parameters, example.at("trial").dump())},
          {"labels", migration.at("labels")},
          {"x", {{"name", "ms after the request"}, {"scale", "linear"}}},
          {"spans", spans}};
}

}  // namespace

json make_figures(const json& report) {
  json figures = json::array();
  const auto add = [&](json figure) {
    if (!figure.is_null()) figures.push_back(std::move(figure));
  };
  const auto groups = groups_of(report);
  for (const Group& group : groups)
    add(lines_figure(group, group.rows));
  add(downtime_figure(report));
  for (const json& migration : report.at("migrations"))
    add(timeline_figure(migration));
  for (const Group& group : groups)
    add(strips_figure(group, group.rows));
  return figures;
}

}  // namespace migbench
