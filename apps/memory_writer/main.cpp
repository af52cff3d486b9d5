// migbench-memory-writer: holds some memory, rewrites it at a given rate, and says at its end
// whether every page was what it should have been.
//
// It may be moved while it runs: it keeps no connection and no absolute deadline (a restored
// process's clocks may stand still or jump), and its result is a file made at its end.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "apps/memory_writer/pages.hpp"
#include "bench/clock.hpp"
#include "bench/document.hpp"
#include "bench/driver_document.hpp"
#include "bench/error.hpp"
#include "bench/program.hpp"
#include "bench/version.hpp"

namespace migbench {
namespace {

struct Options {
  Bytes memory{4UL << 20U};
  Bytes rate{0};  ///< a second
  Nanoseconds duration{std::chrono::seconds{10}};
  std::string going{};  ///< a file: not done before it is gone
  std::string ready{};
  std::string json{};
};

struct Outcome {
  std::uint64_t bad_while_running = 0;
  std::optional<BadPage> first;
  Pages::Verdict at_end;
  std::int64_t running_ns = 0;
};

// A flag of its own, since an early end by SIGTERM is a regular one here and exits with 0.
volatile std::sig_atomic_t told_to_end = 0;

void end_early(int /*signal*/) {
  told_to_end = 1;
}

constexpr std::int64_t kSlotNs = 1'000'000;
/// A longer pause than this was a migration or a stall, and is not made up for.
constexpr std::int64_t kLongestCatchUpNs = 10 * kSlotNs;

/// Every 16 ms, since a look at a file is a system call.
bool told_to_go_on(const Options& options, std::uint64_t slots) {
  constexpr std::uint64_t kLook = 16;
  return !options.going.empty() && (slots % kLook != 0 || std::filesystem::exists(options.going));
}

Outcome write_until_done(Pages& pages, const Options& options) {
  Outcome outcome;
  double due = 0;  // pages
  std::int64_t before = deadline_now_ns();
  const timespec slot{0, kSlotNs};
  std::uint64_t slots = 0;
  while ((outcome.running_ns < options.duration.count() || told_to_go_on(options, ++slots)) &&
         told_to_end == 0) {
    ::clock_nanosleep(kDeadlineClock, 0, &slot, nullptr);
    const std::int64_t now = deadline_now_ns();
    const std::int64_t passed = std::clamp<std::int64_t>(now - before, 0, kLongestCatchUpNs);
    before = now;
    outcome.running_ns += passed;
    due += static_cast<double>(options.rate.count) * static_cast<double>(passed) / 1e9 /
           static_cast<double>(kPageBytes);
    // A machine too slow for the rate falls behind it instead of never coming to its end.
    const std::int64_t latest = now + kLongestCatchUpNs;
    for (; due >= 1 && deadline_now_ns() < latest; --due) {
      if (const auto bad = pages.rewrite_next()) {
        ++outcome.bad_while_running;
        if (!outcome.first) outcome.first = bad;
      }
    }
    due = std::min(due, 1.0 + static_cast<double>(options.rate.count) * 1e-2 / kPageBytes);
  }
  outcome.at_end = pages.check_all();
  if (!outcome.first) outcome.first = outcome.at_end.first;
  return outcome;
}

nlohmann::json to_json(const Options& options, const Pages& pages, const Outcome& outcome) {
  const double seconds = static_cast<double>(outcome.running_ns) / 1e9;
  const double written = static_cast<double>(pages.written() * kPageBytes);
  return {{"memory_bytes", pages.count() * kPageBytes},
          {"rate_asked_bytes_per_second", options.rate.count},
          {"rate_reached_bytes_per_second", seconds > 0 ? written / seconds : 0.0},
          {"running_ns", outcome.running_ns},
          {"pages_written", pages.written()},
          {"bad_pages_while_running", outcome.bad_while_running},
          {"bad_pages_at_end", outcome.at_end.bad},
          {"first_bad", outcome.first ? nlohmann::json(describe(*outcome.first)) : nullptr},
          {"intact", outcome.bad_while_running == 0 && outcome.at_end.bad == 0}};
}

void report(const Options& options, const std::vector<std::string>& argv,
            const nlohmann::json& result) {
  if (!options.json.empty()) {
    nlohmann::json document = driver_document("migbench-memory-writer", argv);
    document["result"] = result;
    deliver_document(document, options.json);
  }
  if (options.json != "-") {
    fmt::print("memory {}, {} pages rewritten ({:.1f} MB/s), {}\n",
               format_bytes(Bytes{result["memory_bytes"]}),
               result["pages_written"].get<std::uint64_t>(),
               result["rate_reached_bytes_per_second"].get<double>() / 1e6,
               result["intact"].get<bool>() ? std::string("every page intact")
                                            : "DAMAGED: " + result["first_bad"].get<std::string>());
  }
}

int run(int argc, char** argv) {
  Options options;
  std::string memory = "4MiB";
  std::string rate = "0";
  std::string duration = "10s";
  CLI::App app{
      "Holds memory, rewrites it at a rate, and checks every page before it is rewritten and at "
      "the end. SIGTERM ends it early, with its report."};
  app.footer(
      "Example: migbench-memory-writer --memory 256MiB --rate 100MB --duration 30s --json "
      "out.json");
  app.set_version_flag("--version", version_line("migbench-memory-writer"));
  app.add_option("--memory", memory, "resident memory")->capture_default_str();
  app.add_option("--rate", rate, "bytes rewritten a second; 0: none")->capture_default_str();
  app.add_option("--duration", duration, "running time, pauses by migrations not counted")
      ->capture_default_str();
  app.add_option("--while", options.going, "and on, as long as this file is there");
  app.add_option("--ready", options.ready, "file to make when all memory is resident");
  const auto* json =
      app.add_option("--json", options.json, "write the result as JSON to FILE, or to the output")
          ->expected(0, 1)
          ->type_name("[FILE|-]");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int status = app.exit(error);
    return status == 0 ? 0 : static_cast<int>(ExitCode::bad_input);
  }
  if (json->count() > 0 && options.json.empty()) options.json = "-";
  options.memory = parse_bytes(memory);
  options.rate = parse_bytes(rate);
  options.duration = parse_duration(duration);
  if (options.memory.count < kPageBytes) {
    throw InputError(fmt::format("--memory {} is less than one page (4KiB)", memory));
  }

  (void)std::signal(SIGTERM, end_early);
  (void)std::signal(SIGINT, end_early);
  Pages pages(options.memory);
  if (!options.ready.empty()) write_text(options.ready, "ready\n");
  const Outcome outcome = write_until_done(pages, options);
  const nlohmann::json result = to_json(options, pages, outcome);
  report(options, {argv, argv + argc}, result);
  return static_cast<int>(result["intact"].get<bool>() ? ExitCode::ok : ExitCode::failed);
}

}  // namespace
}  // namespace migbench

int main(int argc, char** argv) {
  return migbench::run_program("migbench-memory-writer", [&] { return migbench::run(argc, argv); });
}
