// migbench-udp-echo: answers the probe from inside whatever is going to be moved.
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "bench/error.hpp"
#include "bench/program.hpp"
#include "bench/version.hpp"
#include "udp_downtime/echo_server.hpp"

namespace {

using namespace migbench;
using namespace migbench::udp;

struct Options {
  std::string address = "0.0.0.0";
  std::uint16_t port = kDefaultPort;
  std::string ready_file;
};

// Written before serving and closed again: no file stays open.
void announce(const Options& options, const std::string& line) {
  fmt::print("{}\n", line);
  std::fflush(stdout);
  if (options.ready_file.empty()) return;
  std::FILE* file = std::fopen(options.ready_file.c_str(), "we");
  if (file == nullptr) throw system_error("cannot write " + options.ready_file);
  fmt::print(file, "{}\n", line);
  if (std::fclose(file) != 0) throw system_error("cannot write " + options.ready_file);
}

int run(const Options& options) {
  catch_interrupts();
  const Descriptor socket = server_socket(numeric_endpoint(options.address, options.port));
  const ServerHealth health = make_robust(socket.get());
  if (!health.realtime)
    fmt::print(stderr,
               "migbench-udp-echo: note: no SCHED_FIFO (needs CAP_SYS_NICE): answers may be "
               "late on a loaded machine\n");
  if (health.receive_buffer < kSocketBuffer)
    fmt::print(
        stderr,
        "migbench-udp-echo: note: the receive buffer is only {} bytes (needs CAP_NET_ADMIN or "
        "a larger net.core.rmem_max): a long pause loses packets\n",
        health.receive_buffer);
  announce(options, "ready " + bound_to(socket.get()).text());
  const ServerCounts counts = serve(socket.get(), &interrupted);
  fmt::print(stderr, "migbench-udp-echo: {} answered, {} ignored, {} unanswerable\n",
             counts.answered, counts.ignored, counts.unanswerable);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"Answers the packets of migbench-udp-probe until SIGINT or SIGTERM."};
  app.set_version_flag("--version", version_line("migbench-udp-echo"));
  app.footer(
      "Example: migbench-udp-echo --address 10.0.0.7 &\n"
      "Standard output gets the line 'ready ADDRESS:PORT' when it listens. A signal ends it with\n"
      "exit status 0.");
  app.add_option("--address", options.address, "address to answer at; :: takes IPv4 and IPv6")
      ->capture_default_str();
  app.add_option("--port", options.port, "port to answer at; 0: any free one")
      ->capture_default_str();
  app.add_option("--ready-file", options.ready_file, "file to write the 'ready' line to as well");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::bad_input);
  }
  const int status = run_program("migbench-udp-echo", [&] { return run(options); });
  // A signal is the regular end of a server.
  return status == static_cast<int>(ExitCode::interrupted) ? 0 : status;
}
