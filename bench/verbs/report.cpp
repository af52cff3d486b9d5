#include "bench/verbs/report.hpp"

#include <fmt/format.h>

#include "bench/document.hpp"
#include "bench/driver_document.hpp"
#include "bench/figure.hpp"
#include "bench/verbs/stream.hpp"

namespace migbench::verbs {
namespace {

using nlohmann::json;

json latency_json(const Options& options, const Recorder& recorder) {
  const Summary summary = recorder.summary().value();
  const bool read = options.settings.operation == Operation::read;
  // A read is there and back by itself; everything else is answered by the same from the peer.
  json entry = samples_json(recorder, options.plan.samples);
  entry["quantity"] = read ? "operation" : "round-trip";
  entry["iterations"] = summary.n;
  entry["summary"] = to_json(summary);
  entry["latency"] = to_json(scaled_figure(summary, read ? 1e-3 : 0.5e-3), "us");
  return entry;
}

/// Both directions together; their intervals are added at their ends, which is never too narrow.
json sum_of(const json& one, const json& other) {
  json sum = one;
  for (const char* key : {"median", "mean"})
    sum[key] = one[key].get<double>() + other[key].get<double>();
  if (one["interval"].is_array() && other["interval"].is_array()) {
    for (std::size_t end : {0UL, 1UL})
      sum["interval"][end] =
          one["interval"][end].get<double>() + other["interval"][end].get<double>();
  } else {
    sum["interval"] = nullptr;
  }
  return sum;
}

json bandwidth_json(const Options& options, Bytes size, const Measured& measured,
                    const Recorder& recorder) {
  json entry = stream_json(recorder, size, measured.per_sample, options.plan.samples);
  entry["quantity"] = "batch";
  entry["messages_per_sample"] = measured.per_sample;
  if (!options.settings.bidirectional) return entry;
  if (!measured.server.is_object())
    throw Error("the server measured nothing: give it more time with --budget");
  entry["directions"] = {{{"from", "client"},
                          {"bandwidth", entry["bandwidth"]},
                          {"message_rate", entry["message_rate"]}},
                         measured.server};
  entry["directions"][1]["from"] = "server";
  for (const char* figure : {"bandwidth", "message_rate"})
    entry[figure] = sum_of(entry[figure], measured.server[figure]);
  return entry;
}

std::string number(double value) {
  if (value >= 1e5) return fmt::format("{:.0f}", value);
  return value >= 100 ? fmt::format("{:.1f}", value) : fmt::format("{:.3f}", value);
}

std::string bound(const json& figure, std::size_t end) {
  return figure["interval"].is_array() ? number(figure["interval"][end].get<double>()) : "-";
}

std::string line(const std::vector<std::string>& cells) {
  std::string text = fmt::format("{:>9}", cells.front());
  for (std::size_t i = 1; i + 1 < cells.size(); ++i)
    text += fmt::format("{:>12}", cells[i]);
  return text + "  " + cells.back() + "\n";
}

std::string row(Mode mode, const json& result) {
  const std::string size = fmt::format("{}", result["size"].get<std::uint64_t>());
  const std::string samples = fmt::format("{}", result["summary"]["n"].get<std::size_t>());
  const auto stopped = result["stopped"].get<std::string>();
  if (mode == Mode::latency) {
    const json& latency = result["latency"];
    const json& summary = result["summary"];
    const double scale = latency["median"].get<double>() / summary["median"].get<double>();
    return line({size, number(latency["median"]), bound(latency, 0), bound(latency, 1),
                 number(latency["mean"]), number(summary["p99"].get<double>() * scale),
                 number(summary["maximum"].get<double>() * scale), samples, stopped});
  }
  const json& bandwidth = result["bandwidth"];
  return line({size, number(bandwidth["median"]), bound(bandwidth, 0), bound(bandwidth, 1),
               number(bandwidth["mean"]), number(result["message_rate"]["median"]), samples,
               stopped});
}

std::string side_line(const char* side, const json& facts) {
  const json& device = facts["device"];
  const json& type = device["gid_type"];
  return fmt::format(
      "# {}: {} port {}, {}{}\n", side, device["name"].get<std::string>(),
      device["port"].get<int>(),
      type.is_string() ? type.get<std::string>() : device["link_layer"].get<std::string>(),
      device["emulated"].is_string()
          ? fmt::format(" (emulated: {})", device["emulated"].get<std::string>())
          : "");
}

json labels_of(const json& document) {
  json labels = json::array();
  for (const char* side : {"client", "server"}) {
    const json& emulated = document[side]["device"]["emulated"];
    if (!emulated.is_string()) continue;
    const std::string label = "emulated: " + emulated.get<std::string>();
    if (labels.empty() || labels.back() != label) labels.push_back(label);
  }
  return labels;
}

json plan_json(const Plan& plan) {
  const bool fixed = plan.iterations.has_value();
  return {{"iterations", fixed ? json(*plan.iterations) : json("adaptive")},
          {"warmup", plan.warmup ? json(*plan.warmup) : json("by size")},
          {"fewest", plan.fewest ? json(*plan.fewest) : json("by size")},
          {"precision", plan.rule.relative_width},
          {"most", plan.rule.most},
          {"budget_ns", fixed ? json() : json(plan.rule.budget.count())},
          {"keep", plan.keep},
          {"batch", plan.batch > 0 ? json(plan.batch) : json("automatic")}};
}

}  // namespace

json result_json(const Options& options, Bytes size, const Measured& measured,
                 const Recorder& recorder, double clock_cost_ns) {
  json entry = options.settings.mode == Mode::latency
                   ? latency_json(options, recorder)
                   : bandwidth_json(options, size, measured, recorder);
  entry["size"] = size.count;
  entry["unit"] = "ns";
  entry["stopped"] =
      options.plan.iterations ? "iterations" : std::string(migbench::name(measured.stopped));
  entry["spent_ns"] = measured.spent.count();
  entry["clock_cost_ns"] = clock_cost_ns;
  // The pass runs before the measurement, and a size that fails it has no result.
  entry["validated"] = options.settings.validate > 0;
  return entry;
}

Report::Report(const Options& options, const std::vector<std::string>& argv, Connected& link)
    : options_(options),
      table_(options.json == "-" ? stderr : stdout),
      document_(driver_document(program_name(options.settings.mode), argv)) {
  document_["mode"] = name(options.settings.mode);
  document_["settings"] = to_json(options.settings);
  document_["plan"] = plan_json(options.plan);
  document_["client"] = link.facts();
  document_["server"] = link.peer_facts();
  document_["labels"] = labels_of(document_);
  document_["results"] = json::array();
  print_head();
}

void Report::print_head() {
  const Settings& settings = options_.settings;
  std::string text =
      fmt::format("# {} {}: {} over {}, {}, connected by {}\n", program_name(settings.mode),
                  document_["version"].get<std::string>(), name(settings.operation),
                  name(settings.transport), name(settings.completion), name(settings.connection));
  text += side_line("client", document_["client"]) + side_line("server", document_["server"]);
  if (settings.mode == Mode::latency) {
    text += settings.operation == Operation::read ? "# us from the post of a read to its completion"
                                                  : "# half round trip in us";
    text +=
        fmt::format("; each timed, with one clock reading of {:.0f} ns in it\n", clock_cost_ns());
    text +=
        line({"bytes", "median", "low", "high", "mean", "p99", "maximum", "samples", "stopped"});
  } else {
    text += fmt::format("# MB/s (10^6 bytes), {}\n",
                        settings.bidirectional ? "both directions together" : "one direction");
    text += line({"bytes", "median", "low", "high", "mean", "messages/s", "samples", "stopped"});
  }
  print(text);
}

double Report::clock_cost_ns() const {
  return document_["clock"]["read_cost_ns"].get<double>();
}

void Report::print(const std::string& text) {
  std::fputs(text.c_str(), table_);
  std::fflush(table_);
}

void Report::add(json result) {
  print(row(options_.settings.mode, result));
  document_["results"].push_back(std::move(result));
}

void Report::add_corruption(Bytes size, const std::string& what) {
  document_["corrupt"].push_back(fmt::format("size {}: {}", format_bytes(size), what));
}

void Report::set_counters(const json& client, const json& server) {
  document_["counters"] = {{"client", client}, {"server", server}};
}

ExitCode Report::finish() {
  deliver_document(document_, options_.json.value_or(""));
  return judge_contents(document_, program_name(options_.settings.mode), "the device");
}

}  // namespace migbench::verbs
