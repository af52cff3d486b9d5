// migbench-exec: runs a command at a place of a local site.
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench/program.hpp"
#include "bench/version.hpp"
#include "harness/site/nodes/exec_client.hpp"

namespace {

int run(int argc, char** argv) {
  migbench::ExecOptions options;
  CLI::App app(
      "Runs a command at a place (node, container) of a local site, with this program's\n"
      "standard streams, and returns its exit status.\n");
  app.footer("Example: migbench-exec --site /run/migbench/site-x1Y2z3 --at n1 -- hostname");
  app.set_version_flag("--version", migbench::version_line("migbench-exec"));
  app.add_option("--site", options.site, "the site's directory")->required();
  app.add_option("--at", options.place, "the place's name")->required();
  app.add_option("--directory", options.directory, "to run in");
  app.add_option("--cgroup", options.cgroup, "the control group to be born in");
  app.add_flag("--detached", options.detached, "in a container: start it and do not wait");
  app.add_option("command", options.argv, "the program and its arguments")->required();
  app.prefix_command(false);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return migbench::exec_at(options);
}

}  // namespace

int main(int argc, char** argv) {
  return migbench::run_program("migbench-exec", [&] { return run(argc, argv); });
}
