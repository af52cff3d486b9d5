#include "bench/verbs/run.hpp"

#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bench/document.hpp"
#include "bench/program.hpp"
#include "bench/verbs/report.hpp"
#include "bench/verbs/stream.hpp"
#include "bench/verbs/validate.hpp"

namespace migbench::verbs {
namespace {

using nlohmann::json;

constexpr const char* kProtocol = "migbench-verbs/1";

/// Before anything is measured for it.
void check_output(const Options& options) {
  if (!options.json || *options.json == "-") return;
  if (std::filesystem::is_directory(*options.json))
    throw InputError(fmt::format("--json: {} is a directory", *options.json));
  try {
    // Beside the file and not in it: what is there stays until there is something better.
    const std::filesystem::path probe = *options.json + ".probe";
    write_text(probe, "");
    std::filesystem::remove(probe);
  } catch (const Error& error) {
    throw InputError(fmt::format("--json: {}", error.what()));
  }
}

/// Runs `work`; what it throws is told to the peer before it goes on its way.
template <class Work>
auto telling_the_peer(Control& control, const Work& work) {
  try {
    return work();
  } catch (const std::exception& error) {
    control.complain(error.what());
    throw;
  }
}

json counters_since(const json& before, Connected& link) {
  return counter_changes(before, read_counters(link.endpoint().port()));
}

ExitCode measure(const Options& options, const std::vector<std::string>& argv, Control& control) {
  const Settings& settings = options.settings;
  Connected link(settings, options.local, control, Side::client);
  const json before = read_counters(link.endpoint().port());
  Report report(options, argv, link);
  Traffic traffic(link);
  RoundTrips trips(link, traffic.watch());
  Recorder recorder(options.plan.keep);
  for (const Bytes size : settings.sizes) {
    traffic.set_size(size);
    if (const auto corrupt = find_corruption(link, traffic, size)) {
      report.add_corruption(size, *corrupt);
      continue;
    }
    const Measured measured = settings.mode == Mode::latency
                                  ? lead_latency(link, trips, options.plan, recorder, size)
                                  : lead_bandwidth(link, traffic, options.plan, recorder, size);
    report.add(result_json(options, size, measured, recorder, report.clock_cost_ns()));
  }
  const json server = control.receive(settings.deadline).at("counters");
  report.set_counters(counters_since(before, link), server);
  control.send({{"bye", true}});
  return report.finish();
}

void serve(const Settings& settings, const LocalChoice& local, Control& control) {
  Connected link(settings, local, control, Side::server);
  const json before = read_counters(link.endpoint().port());
  Traffic traffic(link);
  RoundTrips trips(link, traffic.watch());
  Recorder recorder(settings.bidirectional ? 1'000'000 : 0);
  for (const Bytes size : settings.sizes) {
    traffic.set_size(size);
    if (find_corruption(link, traffic, size)) continue;
    if (settings.mode == Mode::latency) {
      follow_latency(link, trips, size);
    } else {
      follow_bandwidth(link, traffic, recorder, size);
    }
  }
  control.send({{"counters", counters_since(before, link)}});
  (void)control.receive(settings.deadline);
}

Settings settings_of(const json& hello) {
  if (hello.value("protocol", "") != kProtocol)
    throw Error("the client speaks another version: use the same on both sides");
  Settings settings = settings_from_json(hello.at("settings"));
  check_settings(settings);
  return settings;
}

}  // namespace

ExitCode run_client(const Options& options, const std::vector<std::string>& argv) {
  check_output(options);
  Control control = connect_control(options.host, options.port, options.bind,
                                    options.wait.value_or(std::chrono::seconds(10)));
  return telling_the_peer(control, [&] {
    control.send({{"protocol", kProtocol}, {"settings", to_json(options.settings)}});
    return measure(options, argv, control);
  });
}

ExitCode run_server(const Options& options) {
  Control control =
      accept_control(options.bind, options.port, options.wait, [&](const SocketAddress& bound) {
        fmt::print("listening at {} port {}\n", bound.text(), bound.port());
        std::fflush(stdout);
      });
  telling_the_peer(control, [&] {
    const Settings settings = settings_of(control.receive(std::chrono::seconds(10)));
    fmt::print("client {}: {}, {} over {}\n", control.peer().text(), name(settings.mode),
               name(settings.operation), name(settings.transport));
    std::fflush(stdout);
    serve(settings, options.local, control);
  });
  return ExitCode::ok;
}

int run_verbs_program(Mode mode, int argc, char** argv) {
  return run_program(program_name(mode), [&] {
    const Parsed parsed = parse_options(mode, argc, argv);
    if (!parsed.options) {
      fmt::print("{}", parsed.text);
      return static_cast<int>(ExitCode::ok);
    }
    const Options& options = *parsed.options;
    if (options.list) {
      fmt::print("{}", list_devices());
      return static_cast<int>(ExitCode::ok);
    }
    catch_interrupts();
    const std::vector<std::string> arguments(argv, argv + argc);
    return static_cast<int>(options.host.empty() ? run_server(options)
                                                 : run_client(options, arguments));
  });
}

}  // namespace migbench::verbs
