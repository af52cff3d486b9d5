#include "harness/workload/pingpong.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "bench/error.hpp"
#include "bench/units.hpp"
#include "harness/programs.hpp"
#include "harness/workload/driver_output.hpp"
#include "harness/workload/parameter.hpp"

namespace migbench {
namespace {

using nlohmann::json;

constexpr std::string_view kProgram = "migbench-pingpong";

bool is_size(const json& size) {
  return size.is_string() || (size.is_number_integer() && size >= 0);
}

std::string text_of(const json& size) {
  return size.is_string() ? size.get<std::string>() : size.dump();
}

/// A text as the program reads it ("0,8..64KiB"), a number, or a list of both.
std::string sizes_text(const json& parameters) {
  const json sizes = parameters.value("sizes", json());
  if (is_size(sizes)) return text_of(sizes);
  std::string text;
  bool bad = !sizes.is_array() || sizes.empty();
  for (const json& size : sizes) {
    bad = bad || !is_size(size);
    if (bad) break;
    text += (text.empty() ? "" : ",") + text_of(size);
  }
  if (bad) {
    throw InputError(
        fmt::format("parameter \"sizes\": {} is neither a list of sizes nor a text as 0,8..64KiB",
                    sizes.dump()));
  }
  return text;
}

std::string duration_text(const json& parameters, const char* name) {
  auto text = parameter<std::string>(parameters, name);
  (void)parse_duration(text);
  return text;
}

std::string one_of(const json& parameters, const char* name,
                   const std::vector<std::string>& values) {
  auto value = parameter<std::string>(parameters, name);
  if (std::find(values.begin(), values.end(), value) == values.end()) {
    throw InputError(
        fmt::format("parameter \"{}\": '{}' is not one of {}", name, value, json(values).dump()));
  }
  return value;
}

int whole_number(const json& parameters, const char* name, int least, int most) {
  const json value = parameters.value(name, json());
  if (!value.is_number_integer() || value < least || value > most) {
    throw InputError(fmt::format("parameter \"{}\": {} is not a whole number from {} to {}", name,
                                 value.dump(), least, most));
  }
  return value.get<int>();
}

/// The medians in a document, by size in bytes.
std::map<std::uint64_t, double> medians(const json& document, const std::string& name) {
  std::map<std::uint64_t, double> found;
  try {
    for (const json& result : document.at("results")) {
      found[result.at("size").get<std::uint64_t>()] = result.at(name).at("median").get<double>();
    }
  } catch (const json::exception& error) {
    throw Error(fmt::format("the document of {} is not what this version writes: {}", kProgram,
                            error.what()));
  }
  return found;
}

}  // namespace

Support check_pingpong() {
  if (look_for_program(kProgram).empty()) {
    return Unsupported{fmt::format("{} is not there", kProgram),
                       "build it: scripts/build.sh builds all programs"};
  }
  if (look_for_program("mpirun").empty())
    return Unsupported{"mpirun is not in PATH", "install Open MPI: apt-get install openmpi-bin"};
  return {};
}

json pingpong_defaults(std::string_view sizes, std::string_view calls) {
  return {{"sizes", sizes},        {"budget", "200ms"}, {"precision", 0.02},
          {"timing", "iteration"}, {"calls", calls},    {"samples", 1000},
          {"transport", "auto"},   {"instances", 2},    {"mca", json::array()}};
}

Job pingpong_job(std::string_view mode, const json& parameters) {
  const std::string sizes = sizes_text(parameters);
  (void)parse_sizes(sizes);
  const auto precision = parameter<double>(parameters, "precision");
  if (!(precision >= 0 && precision <= 1))
    throw InputError(fmt::format("parameter \"precision\": {} is not within 0 and 1", precision));
  // By its name alone where it is not here: the nodes' own PATH may have it.
  const auto path = look_for_program(kProgram);
  Job job;
  job.ranks = 2;
  job.instances = whole_number(parameters, "instances", 1, 2);
  job.transport = parameter<std::string>(parameters, "transport");
  job.mca = parameter<std::vector<std::string>>(parameters, "mca");
  job.program.argv = {path.empty() ? std::string(kProgram) : path.string(),
                      std::string(mode),
                      "--sizes",
                      sizes,
                      "--budget",
                      duration_text(parameters, "budget"),
                      "--precision",
                      fmt::format("{}", precision),
                      "--timing",
                      one_of(parameters, "timing", {"iteration", "batch"}),
                      "--calls",
                      one_of(parameters, "calls", {"blocking", "nonblocking"}),
                      "--samples",
                      fmt::format("{}", whole_number(parameters, "samples", 0, 1'000'000)),
                      "--json",
                      "-"};
  return job;
}

std::vector<Metric> pingpong_metrics(const json& parameters, const Finished& finished,
                                     const std::string& name, Better better) {
  const auto found = medians(require_driver_document(finished, kProgram), name);
  std::vector<Metric> metrics;
  for (const Bytes size : parse_sizes(sizes_text(parameters))) {
    const auto median = found.find(size.count);
    if (median == found.end()) {
      throw Error(
          fmt::format("{} gave no {} for messages of {}", kProgram, name, format_bytes(size)));
    }
    metrics.push_back({name,
                       {{"size", size.count}},
                       median->second,
                       better == Better::lower ? "us" : "MB/s",
                       better});
  }
  return metrics;
}

json pingpong_document(const Finished& finished) {
  return find_driver_document(finished, kProgram);
}

}  // namespace migbench
