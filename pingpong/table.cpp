#include "pingpong/table.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace migbench::pingpong {
namespace {

using nlohmann::json;

std::string number(double value) {
  if (value >= 1e5) return fmt::format("{:.0f}", value);
  return value >= 100 ? fmt::format("{:.1f}", value) : fmt::format("{:.3f}", value);
}

std::string number_or_dash(const json& value) {
  return value.is_number() ? number(value.get<double>()) : "-";
}

std::string low(const json& figure) {
  return figure["interval"].is_null() ? "-" : number(figure["interval"][0].get<double>());
}

std::string high(const json& figure) {
  return figure["interval"].is_null() ? "-" : number(figure["interval"][1].get<double>());
}

std::string line(const Options& options, const std::vector<std::string>& cells) {
  std::string text;
  std::size_t column = 0;
  if (options.pairs.size() > 1) text += fmt::format("{:<9}", cells[column]);
  ++column;
  text += fmt::format("{:>7}", cells[column++]);
  for (; column + 1 < cells.size(); ++column)
    text += fmt::format("{:>11}", cells[column]);
  return text + "  " + cells.back() + "\n";
}

std::string hosts_of(const json& document, const Pair& pair) {
  const json& ranks = document["mpi"]["ranks"];
  const auto host = [&](int rank) {
    return ranks[static_cast<std::size_t>(rank)]["hostname"].get<std::string>();
  };
  return fmt::format("# ranks {} ({}) and {} ({})\n", pair.first, host(pair.first), pair.second,
                     host(pair.second));
}

}  // namespace

std::string table_head(const Options& options, const json& document) {
  const bool latency = options.mode == Mode::latency;
  std::string text = fmt::format("# {} {}, {}\n", document["program"].get<std::string>(),
                                 document["version"].get<std::string>(),
                                 document["mpi"]["library"].get<std::string>());
  for (const Pair& pair : options.pairs)
    text += hosts_of(document, pair);
  text += latency
              ? fmt::format("# half round trip in us, {} calls", name(options.calls))
              : fmt::format("# MB/s (10^6 bytes), {}, windows of {}, {} calls",
                            options.bidirectional ? "both directions together" : "one direction",
                            options.window, name(options.calls));
  const auto clock = document["clock"]["read_cost_ns"].get<double>();
  text += options.timing == Timing::iteration
              ? fmt::format("; each iteration timed, with one clock reading of {:.0f} ns in it\n",
                            clock)
              : std::string("; batches timed, no clock reading inside\n");
  text += "# median with its 95 % interval, over all samples\n";
  text += latency ? line(options, {"pair", "bytes", "median", "low", "high", "mean", "p99",
                                   "maximum", "iterations", "stopped"})
                  : line(options, {"pair", "bytes", "median", "low", "high", "mean", "messages/s",
                                   "iterations", "stopped"});
  return text;
}

std::string table_row(const Options& options, const json& result) {
  const std::string pair = format_pair({result["pair"][0], result["pair"][1]});
  const std::string size = fmt::format("{}", result["size"].get<std::uint64_t>());
  const std::string iterations = fmt::format("{}", result["iterations"].get<std::int64_t>());
  const auto stopped = result["stopped"].get<std::string>();
  if (options.mode == Mode::latency) {
    const json& latency = result["latency"];
    const double to_us = 1.0 / (2e3 * result["iterations_per_sample"].get<double>());
    const json& summary = result["summary"];
    return line(options,
                {pair, size, number_or_dash(latency["median"]), low(latency), high(latency),
                 number_or_dash(latency["mean"]), number(summary["p99"].get<double>() * to_us),
                 number(summary["maximum"].get<double>() * to_us), iterations, stopped});
  }
  const json& bandwidth = result["bandwidth"];
  return line(options, {pair, size, number_or_dash(bandwidth["median"]), low(bandwidth),
                        high(bandwidth), number_or_dash(bandwidth["mean"]),
                        number_or_dash(result["message_rate"]["median"]), iterations, stopped});
}

}  // namespace migbench::pingpong
