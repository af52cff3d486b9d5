#include "harness/workload/sizes.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "bench/error.hpp"
#include "bench/units.hpp"
#include "harness/workload/driver_output.hpp"
#include "harness/workload/parameter.hpp"

namespace migbench {
namespace {

using nlohmann::json;

bool is_size(const json& size) {
  return size.is_string() || (size.is_number_integer() && size >= 0);
}

std::string size_text(const json& size) {
  return size.is_string() ? size.get<std::string>() : size.dump();
}

/// The medians in a document, by size in bytes.
std::map<std::uint64_t, double> medians(const json& document, const std::string& name) {
  std::map<std::uint64_t, double> found;
  for (const json& result : document.at("results"))
    found[result.at("size").get<std::uint64_t>()] = result.at(name).at("median").get<double>();
  return found;
}

}  // namespace

std::string sizes_text(const json& parameters) {
  const json sizes = parameters.value("sizes", json());
  if (is_size(sizes)) return size_text(sizes);
  std::string text;
  bool bad = !sizes.is_array() || sizes.empty();
  for (const json& size : sizes) {
    bad = bad || !is_size(size);
    if (bad) break;
    text += (text.empty() ? "" : ",") + size_text(size);
  }
  if (bad) {
    throw InputError(
        fmt::format("parameter \"sizes\": {} is neither a list of sizes nor a text as 0,8..64KiB",
                    sizes.dump()));
  }
  return text;
}

std::vector<Metric> metrics_by_size(std::string_view program, const json& parameters,
                                    const Finished& finished, const std::string& figure,
                                    Better better) {
  const auto found = read_document(finished, program,
                                   [&](const json& document) { return medians(document, figure); });
  std::vector<Metric> metrics;
  for (const Bytes size : parse_sizes(sizes_text(parameters))) {
    const auto median = found.find(size.count);
    if (median == found.end()) {
      throw Error(
          fmt::format("{} gave no {} for messages of {}", program, figure, format_bytes(size)));
    }
    metrics.push_back({figure,
                       {{"size", size.count}},
                       median->second,
                       better == Better::lower ? "us" : "MB/s",
                       better});
  }
  return metrics;
}

}  // namespace migbench
