// migbench-blast: generate, cut, and search with MPI.
#include "apps/blast/program/commands.hpp"
#include "bench/program.hpp"
#include "bench/version.hpp"

int main(int argc, char** argv) {
  using namespace migbench;
  return run_program("migbench-blast", [&]() -> int {
    CLI::App app{
        "BLAST over MPI with the NCBI engine: a database in fragments, searched as if it were "
        "whole"};
    app.set_version_flag("--version", version_line("migbench-blast"));
    app.require_subcommand(1);
    blast::Action chosen;
    blast::add_generate(app, chosen);
    blast::add_cut(app, chosen);
    blast::add_search(app, chosen, {argv, argv + argc});
    blast::add_original(app, chosen, {argv, argv + argc});
    try {
      app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return app.exit(error) == 0 ? 0 : 2;
    }
    return chosen();
  });
}
