// The data of all figures, ready to be drawn by anything.
#pragma once

#include <nlohmann/json.hpp>

namespace migbench {

/// A list of figures made from the report's rows and migrations. Each has "id", "kind", "title",
/// "labels", and by kind:
///
///   "lines"     a metric over a size or parameter: "x": {"name", "scale": "log" or "linear"},
///               "y": {"name", "scale"}, "series": [{"name", "points": [{"x", "y", "low", "high",
///               "text"}]}]; low and high are null below six launches
///   "strips"    all trials, as per cent away from their row's median: "y", "categories": [text],
///               "series": [{"name", "points": [{"category", "y", "value", "trial", "outlier",
///               "suspect"}]}]
///   "bars"      downtimes: "y", "categories", "series" (one an estimator): [{"name", "points":
///               [{"category", "y", "low", "high"}]}]
///   "timeline"  one move: "x", "spans": [{"name", "start", "end", "outage"}]
[[nodiscard]] nlohmann::json make_figures(const nlohmann::json& report);

}  // namespace migbench
