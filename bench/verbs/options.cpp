#include "bench/verbs/options.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench/error.hpp"
#include "bench/verbs/device.hpp"
#include "bench/version.hpp"

namespace migbench::verbs {
namespace {

/// The options as text, before they are checked and put into Options.
struct Words {
  std::string sizes = "1..8MiB", operation = "write", transport = "rc", connection = "tcp",
              completion = "polling", inline_bytes = "auto", budget = "1s", samples = "2000",
              deadline = "10s", wait, huge, json;
  std::int64_t warmup = 0, iterations = 0, fewest = 0;
  int mtu = 0, gid_index = 0;
};

void add_what(CLI::App& app, Mode mode, Options& options, Words& words) {
  auto* group = app.add_option_group("what is measured (the client says it, the server is told)");
  group->add_option("--operation", words.operation, "write, read, write-imm or send")
      ->check(CLI::IsMember({"write", "read", "write-imm", "send"}))
      ->capture_default_str();
  group->add_option("--transport", words.transport, "rc, uc or ud")
      ->check(CLI::IsMember({"rc", "uc", "ud"}))
      ->capture_default_str();
  group
      ->add_option("--connection", words.connection,
                   "how queue pairs are connected: 'tcp', an exchange over the control "
                   "connection, or 'cm', librdmacm")
      ->check(CLI::IsMember({"tcp", "cm"}))
      ->capture_default_str();
  group
      ->add_option("--completion", words.completion,
                   "'polling', or 'events': sleep until the device says that something completed")
      ->check(CLI::IsMember({"polling", "events"}))
      ->capture_default_str();
  group
      ->add_option("--sizes", words.sizes,
                   "message sizes: powers of two and lists, as 1..8MiB or 8,12,64KiB (UD: one "
                   "packet at the most)")
      ->capture_default_str();
  Settings& settings = options.settings;
  settings.depth = usual_depth(mode);
  group->add_option("--depth", settings.depth, "operations on their way on each queue pair")
      ->check(CLI::Range(1, 8192))
      ->capture_default_str();
  group->add_option("--receive-depth", settings.receive_depth, "receives posted on each")
      ->check(CLI::Range(1, 8192))
      ->capture_default_str();
  group->add_option("--qps", settings.qps, "queue pairs, used in turn")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  group->add_flag("--srq", settings.shared_receive_queue,
                  "one receive queue for all queue pairs (send and write-imm)");
  group
      ->add_option("--inline", words.inline_bytes,
                   "messages up to so many bytes go with the work request: a number, or auto (220, "
                   "for a send 236 or over UD 188, or what the device has)")
      ->capture_default_str();
  group->add_option("--mtu", words.mtu, "path MTU in bytes (default: what both ports have)")
      ->check(CLI::IsMember({256, 512, 1024, 2048, 4096}));
  group->add_option("--service-level", settings.service_level, "InfiniBand service level")
      ->check(CLI::Range(0, 15))
      ->capture_default_str();
  if (mode == Mode::bandwidth) {
    group->add_flag("--bidirectional", settings.bidirectional, "both sides send at the same time");
    group
        ->add_option("--signal-every", settings.signal_every,
                     "a completion each so many messages (default: a quarter of --depth, 32 at the "
                     "most; above 8KiB each)")
        ->check(CLI::Range(1, 8192));
  }
}

void add_how_long(CLI::App& app, Mode mode, Options& options, Words& words) {
  auto* group = app.add_option_group("how long, and what is kept (the client's)");
  Plan& plan = options.plan;
  group
      ->add_option("--warmup", words.warmup,
                   "messages before each size that are not measured (default by size)")
      ->check(CLI::Range(0, 1'000'000'000));
  group->add_option("--budget", words.budget, "time for each size")->capture_default_str();
  group
      ->add_option("--precision", plan.rule.relative_width,
                   "stop when the 95 % interval of the median is as narrow as this share of it; "
                   "0: use the budget up")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  group
      ->add_option("--fewest", words.fewest,
                   "samples before the interval is looked at (default by size)")
      ->check(CLI::Range(1, 1'000'000'000));
  group->add_option("--most", plan.rule.most, "samples of a size at the most")
      ->check(CLI::Range(1, 1'000'000'000))
      ->capture_default_str();
  group
      ->add_option("--iterations", words.iterations,
                   "exactly so many samples; instead of --budget, --precision, --fewest, --most")
      ->check(CLI::Range(1, 1'000'000'000));
  if (mode == Mode::bandwidth) {
    group
        ->add_option(
            "--batch", plan.batch,
            "messages of a sample (default: as many as take about 5 ms), and at least as many "
            "as are on their way at the same time")
        ->check(CLI::Range(1, 1'000'000'000));
  }
  group
      ->add_option("--keep", plan.keep,
                   "raw samples kept in memory; a histogram of better than 1 % takes over past it")
      ->check(CLI::Range(0, 100'000'000))
      ->capture_default_str();
  group
      ->add_option("--samples", words.samples,
                   "raw samples of a size written to JSON: a number, all or none")
      ->capture_default_str();
  group
      ->add_option("--validate", options.settings.validate,
                   "rounds with checked contents before each size; 0: none")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
}

void add_where(CLI::App& app, Options& options, Words& words) {
  app.add_option("host", options.host, "where the server runs; without it this is the server")
      ->type_name("HOST");
  auto* group = app.add_option_group("where (each side's own)");
  DeviceChoice& device = options.local.device;
  group->add_option("--device", device.device, "RDMA device (default: the first that is active)");
  group->add_option("--ib-port", device.port, "its port (default: the first that is active)")
      ->check(CLI::Range(1, 255));
  group
      ->add_option("--gid-index", words.gid_index,
                   "entry of the port's GID table (default: by --roce and the control "
                   "connection's address)")
      ->check(CLI::Range(0, 1023));
  group->add_option("--roce", device.roce, "RoCE version of the GID: v1 or v2")
      ->check(CLI::IsMember({"v1", "v2"}));
  group->add_option("--huge-pages", words.huge, "memory in huge pages: 2MiB or 1GiB")
      ->check(CLI::IsMember({"2MiB", "1GiB"}));
  group->add_option("--port", options.port, "TCP port of the control connection")
      ->check(CLI::Range(1, 65535))
      ->capture_default_str();
  group->add_option("--bind", options.bind, "own address of the control connection");
  group->add_option("--wait", words.wait,
                    "how long to wait for the other side (default: the server for ever, the client "
                    "10s)");
  group
      ->add_option("--deadline", words.deadline,
                   "without any progress for so long the measurement has failed (the client's)")
      ->capture_default_str();
  group
      ->add_option("--json", words.json,
                   "client: write the document to a file; '-' or nothing: to standard output, and "
                   "the table to standard error")
      ->expected(0, 1)
      ->type_name("[FILE|-]");
  group->add_flag("--list", options.list, "list the devices of this machine with their GIDs");
}

std::size_t parse_samples(const std::string& text) {
  if (text == "all") return std::numeric_limits<std::size_t>::max();
  if (text == "none") return 0;
  std::size_t count = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (code != std::errc{} || end != text.data() + text.size())
    throw InputError(fmt::format("--samples {}: write a number, all or none", text));
  return count;
}

std::optional<int> parse_inline(const std::string& text) {
  if (text == "auto") return std::nullopt;
  int bytes = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  if (code != std::errc{} || end != text.data() + text.size() || bytes < 0 || bytes > 65536)
    throw InputError(
        fmt::format("--inline {}: write a number of bytes up to 65536, or auto", text));
  return bytes;
}

void check_iterations(const CLI::App& app) {
  if (app.count("--iterations") == 0) return;
  for (const char* other : {"--budget", "--precision", "--fewest", "--most"}) {
    if (app.count(other) > 0)
      throw InputError(fmt::format("--iterations fixes their number: leave {} out", other));
  }
}

Options finish(const CLI::App& app, Options options, const Words& words) {
  const auto given = [&](const char* option) { return app.count(option) > 0; };
  Settings& settings = options.settings;
  settings.operation = parse_name<Operation>(words.operation);
  settings.transport = parse_name<Transport>(words.transport);
  settings.connection = parse_name<Connection>(words.connection);
  settings.completion = parse_name<Completion>(words.completion);
  settings.sizes = parse_sizes(words.sizes);
  settings.inline_bytes = parse_inline(words.inline_bytes);
  if (given("--mtu")) settings.mtu = words.mtu;
  settings.deadline = parse_duration(words.deadline);
  if (given("--gid-index")) options.local.device.gid_index = words.gid_index;
  if (given("--huge-pages")) options.local.huge_pages = parse_bytes(words.huge);
  if (given("--wait")) options.wait = parse_duration(words.wait);
  if (given("--warmup")) options.plan.warmup = words.warmup;
  if (given("--fewest")) options.plan.fewest = static_cast<std::size_t>(words.fewest);
  if (given("--iterations")) options.plan.iterations = words.iterations;
  options.plan.rule.budget = parse_duration(words.budget);
  options.plan.samples = parse_samples(words.samples);
  if (given("--json")) options.json = words.json.empty() ? "-" : words.json;
  check_iterations(app);
  if (options.plan.fewest.value_or(1) > options.plan.rule.most)
    throw InputError("--fewest is more than --most: no measurement could end");
  check_settings(settings);
  return options;
}

}  // namespace

std::string program_name(Mode mode) {
  return fmt::format("migbench-verbs-{}", name(mode));
}

Parsed parse_options(Mode mode, int argc, const char* const* argv) {
  const std::string program = program_name(mode);
  CLI::App app(mode == Mode::latency
                   ? "Latency of RDMA operations between two hosts, every sample kept."
                   : "Bandwidth and message rate of RDMA operations between two hosts, every "
                     "sample kept.",
               program);
  app.set_version_flag("--version", version_line(program));
  app.footer(
      fmt::format("Examples:\n  {0}                      # on n1: the server, for one client\n"
                  "  {0} n1                   # on n2\n"
                  "  {0} n1 --operation send --transport ud --sizes 1..4KiB --json ud.json\n"
                  "  {0} --list",
                  program));
  Options options;
  options.settings.mode = mode;
  Words words;
  add_where(app, options, words);
  add_what(app, mode, options, words);
  add_how_long(app, mode, options, words);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return {std::nullopt, app.help()};
  } catch (const CLI::CallForVersion& version) {
    return {std::nullopt, std::string(version.what()) + "\n"};
  } catch (const CLI::ParseError& error) {
    throw InputError(fmt::format("{} (see {} --help)", error.what(), program));
  }
  return {finish(app, options, words), ""};
}

}  // namespace migbench::verbs
