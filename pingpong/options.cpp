#include "pingpong/options.hpp"

#include <algorithm>
#include <charconv>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bench/error.hpp"
#include "bench/version.hpp"

namespace migbench::pingpong {
namespace {

constexpr std::uint64_t kLargestMessage = std::uint64_t{1} << 30U;  // MPI counts are int
constexpr std::uint64_t kLargestWindow = std::uint64_t{8} << 30U;   // bytes, twice, on each rank

/// The options as text, before they are checked and put into Options.
struct Words {
  std::string sizes, calls, timing = "iteration", buffers = "single", budget = "1s",
                            samples = "2000", json;
  std::vector<std::string> pairs;
  std::int64_t warmup = 0, iterations = 0, fewest = 0, batch = 0;
};

void add_common(CLI::App& app, Options& options, Words& words) {
  app.add_option("--sizes", words.sizes,
                 "message sizes: powers of two and lists, as 0,1..4MiB or 8,12,64KiB")
      ->capture_default_str();
  app.add_option(
      "--pair,--pairs", words.pairs,
      "pairs of ranks that measure at the same time, as 0,1 2,3; 'all': rank i with rank "
      "i + size/2 (default 0,1)");
  app.add_option("--calls", words.calls, "MPI's blocking or nonblocking calls")
      ->check(CLI::IsMember({"blocking", "nonblocking"}))
      ->capture_default_str();
  app.add_option("--timing", words.timing,
                 "'iteration': one sample each; 'batch': one each --batch iterations, as other "
                 "benchmarks do")
      ->check(CLI::IsMember({"iteration", "batch"}))
      ->capture_default_str();
  app.add_option("--batch", words.batch,
                 "iterations of a batch (default: as many as take about 5 ms)")
      ->check(CLI::Range(1, 1'000'000'000));
  app.add_option("--warmup", words.warmup,
                 "iterations before each size that are not measured (default by size)")
      ->check(CLI::Range(0, 1'000'000'000));
  app.add_option("--budget", words.budget, "time for each size")->capture_default_str();
  app.add_option("--precision", options.rule.relative_width,
                 "stop when the 95 % interval of the median is as narrow as this share of it; 0: "
                 "use the budget up")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--fewest", words.fewest,
                 "samples before the interval is looked at (default by size)")
      ->check(CLI::Range(1, 1'000'000'000));
  app.add_option("--most", options.rule.most, "samples of a size at the most")
      ->check(CLI::Range(1, 1'000'000'000))
      ->capture_default_str();
  app.add_option("--iterations", words.iterations,
                 "exactly so many iterations, whatever they cost; instead of --budget, "
                 "--precision, --fewest and --most")
      ->check(CLI::Range(1, 1'000'000'000));
  app.add_option("--keep", options.keep,
                 "raw samples kept in memory; a histogram of better than 1 % takes over past it")
      ->check(CLI::Range(0, 100'000'000))
      ->capture_default_str();
  app.add_option("--validate", options.validate,
                 "iterations with checked contents before each size; 0: none")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  app.add_option("--samples", words.samples,
                 "raw samples of a size written to JSON: a number, all or none")
      ->capture_default_str();
  app.add_option("--json", words.json,
                 "write the document to a file; '-' or nothing: to standard output, and the table "
                 "to standard error")
      ->expected(0, 1)
      ->type_name("[FILE|-]");
}

std::size_t parse_samples(const std::string& text) {
  if (text == "all") return kAllSamples;
  if (text == "none") return 0;
  std::size_t count = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (code != std::errc{} || end != text.data() + text.size())
    throw InputError(fmt::format("--samples {}: write a number, all or none", text));
  return count;
}

void take_sizes(Options& options, const std::string& text) {
  options.sizes = parse_sizes(text);
  if (options.sizes.back().count > kLargestMessage) {
    throw InputError(fmt::format("--sizes: {} is too large: a message may have 1GiB at the most",
                                 format_bytes(options.sizes.back())));
  }
}

void take_pairs(Options& options, const std::vector<std::string>& words) {
  if (words.empty()) return;
  options.pairs.clear();
  options.all_pairs = words.size() == 1 && words.front() == "all";
  if (options.all_pairs) return;
  std::transform(words.begin(), words.end(), std::back_inserter(options.pairs),
                 [](const std::string& word) { return parse_pair(word); });
}

/// A fixed number of iterations is an adaptive measurement that is never content before it.
void fix_iterations(Options& options) {
  if (options.timing == Timing::batch && options.batch == 0) options.batch = *options.iterations;
  const std::int64_t each = options.timing == Timing::batch ? options.batch : 1;
  const auto samples = static_cast<std::size_t>((*options.iterations + each - 1) / each);
  options.fewest = samples;
  options.rule.most = samples;
  options.rule.relative_width = 0;
  options.rule.budget = Nanoseconds::max();
}

void check_combinations(const CLI::App& app, const Options& options) {
  const auto given = [&](const char* option) { return app.count(option) > 0; };
  if (given("--batch") && options.timing != Timing::batch)
    throw InputError("--batch: only with --timing batch");
  if (given("--iterations")) {
    for (const char* other : {"--budget", "--precision", "--fewest", "--most"}) {
      if (given(other))
        throw InputError(fmt::format("--iterations fixes their number: leave {} out", other));
    }
  }
  if (options.separate_buffers &&
      options.sizes.back().count * static_cast<std::uint64_t>(options.window) > kLargestWindow) {
    throw InputError(fmt::format(
        "--buffers separate: {} messages of {} are more than {}: ask for less --window or --sizes",
        options.window, format_bytes(options.sizes.back()), format_bytes({kLargestWindow})));
  }
  if (given("--fewest") && options.fewest > options.rule.most)
    throw InputError("--fewest is more than --most: no measurement could end");
}

Options finish(const CLI::App& app, Options options, const Words& words) {
  options.mode = app.get_name() == "latency" ? Mode::latency : Mode::bandwidth;
  options.calls = words.calls == "blocking" ? Calls::blocking : Calls::nonblocking;
  options.timing = words.timing == "batch" ? Timing::batch : Timing::iteration;
  options.separate_buffers = words.buffers == "separate";
  take_sizes(options, words.sizes);
  take_pairs(options, words.pairs);
  options.rule.budget = parse_duration(words.budget);
  options.samples = parse_samples(words.samples);
  options.batch = words.batch;
  if (app.count("--warmup") > 0) options.warmup = words.warmup;
  if (app.count("--fewest") > 0) options.fewest = static_cast<std::size_t>(words.fewest);
  if (app.count("--json") > 0) options.json = words.json.empty() ? "-" : words.json;
  check_combinations(app, options);
  if (app.count("--iterations") > 0) {
    options.iterations = words.iterations;
    fix_iterations(options);
  }
  return options;
}

}  // namespace

Parsed parse_options(int argc, const char* const* argv) {
  const std::string program = "migbench-pingpong";
  CLI::App app("Point-to-point MPI latency and bandwidth, every sample kept.", program);
  app.set_version_flag("--version", version_line(program));
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  mpirun -np 2 migbench-pingpong latency --sizes 0,1..64KiB\n"
      "  mpirun -np 2 migbench-pingpong bandwidth --bidirectional --json bandwidth.json\n"
      "  mpirun -np 4 migbench-pingpong latency --pairs 0,2 1,3 --timing batch");

  Options latency;
  Words latency_words;
  latency_words.sizes = "0,1..4MiB";
  latency_words.calls = "blocking";
  auto* ping = app.add_subcommand("latency", "half the time of a round trip");
  add_common(*ping, latency, latency_words);
  ping->footer("Example:\n  mpirun -np 2 migbench-pingpong latency --sizes 0,1..64KiB");

  Options bandwidth;
  Words bandwidth_words;
  bandwidth.window = 64;
  bandwidth_words.sizes = "1..4MiB";
  bandwidth_words.calls = "nonblocking";
  auto* flood = app.add_subcommand("bandwidth", "bytes a second and messages a second");
  add_common(*flood, bandwidth, bandwidth_words);
  flood->add_option("--window", bandwidth.window, "messages on their way at the same time")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  flood->add_flag("--bidirectional", bandwidth.bidirectional, "both ranks send at the same time");
  flood
      ->add_option("--buffers", bandwidth_words.buffers,
                   "'single': all messages of a window use one buffer, as other benchmarks do; "
                   "'separate': each has its own")
      ->check(CLI::IsMember({"single", "separate"}))
      ->capture_default_str();
  flood->footer("Example:\n  mpirun -np 2 migbench-pingpong bandwidth --window 128 --json -");

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return {std::nullopt, app.help()};
  } catch (const CLI::CallForAllHelp&) {
    return {std::nullopt, app.help("", CLI::AppFormatMode::All)};
  } catch (const CLI::CallForVersion& version) {
    return {std::nullopt, std::string(version.what()) + "\n"};
  } catch (const CLI::ParseError& error) {
    throw InputError(fmt::format("{} (see {} --help)", error.what(), program));
  }
  return {app.got_subcommand(ping) ? finish(*ping, latency, latency_words)
                                   : finish(*flood, bandwidth, bandwidth_words),
          {}};
}

StoppingRule rule_for(const Options& options, Bytes size) {
  const bool large = size > kLargeMessage;
  std::size_t fewest = 0;
  if (options.timing == Timing::batch) {
    fewest = 10;
  } else if (options.mode == Mode::latency) {
    fewest = large ? 1000 : 10'000;
  } else {
    fewest = large ? 20 : 100;
  }
  StoppingRule rule = options.rule;
  rule.fewest = std::min(options.fewest.value_or(fewest), rule.most);
  return rule;
}

std::int64_t warmup_for(const Options& options, Bytes size) {
  const bool large = size > kLargeMessage;
  if (options.mode == Mode::latency) return options.warmup.value_or(large ? 10 : 100);
  return options.warmup.value_or(large ? 2 : 10);
}

const char* name(Mode mode) {
  return mode == Mode::latency ? "latency" : "bandwidth";
}

const char* name(Timing timing) {
  return timing == Timing::iteration ? "iteration" : "batch";
}

const char* name(Calls calls) {
  return calls == Calls::blocking ? "blocking" : "nonblocking";
}

nlohmann::json to_json(const Options& options) {
  nlohmann::json sizes = nlohmann::json::array();
  for (const Bytes size : options.sizes)
    sizes.push_back(size.count);
  nlohmann::json pairs = nlohmann::json::array();
  for (const Pair& pair : options.pairs)
    pairs.push_back({pair.first, pair.second});
  const bool fixed = options.iterations.has_value();
  return {
      {"calls", name(options.calls)},
      {"sizes", sizes},
      {"pairs", pairs},
      {"window", options.window},
      {"bidirectional", options.bidirectional},
      {"buffers", options.separate_buffers ? "separate" : "single"},
      {"warmup", options.warmup ? nlohmann::json(*options.warmup) : "by size"},
      {"iterations", fixed ? nlohmann::json(*options.iterations) : "adaptive"},
      {"batch", options.batch == 0 ? nlohmann::json("automatic") : nlohmann::json(options.batch)},
      {"precision", options.rule.relative_width},
      {"fewest", options.fewest ? nlohmann::json(*options.fewest) : "by size"},
      {"most", options.rule.most},
      {"budget_ns", fixed ? nlohmann::json() : nlohmann::json(options.rule.budget.count())},
      {"keep", options.keep},
      {"validate", options.validate}};
}

}  // namespace migbench::pingpong
