#include <memory>

#include <fmt/format.h>

#include "apps/blast/database.hpp"
#include "apps/blast/program/commands.hpp"

namespace migbench::blast {

void add_cut(CLI::App& app, Action& chosen) {
  struct Options {
    std::string fasta, directory, type = "nucl";
    unsigned fragments = 8;
  };
  auto options = std::make_shared<Options>();
  auto* sub =
      app.add_subcommand("cut", "cut a FASTA database into fragments (what mpiformatdb does)");
  sub->add_option("fasta", options->fasta, "the database as FASTA")->required();
  sub->add_option("directory", options->directory,
                  "where the fragments go; must hold no database yet")
      ->required();
  sub->add_option("-n,--fragments", options->fragments, "how many")->capture_default_str();
  sub->add_option("--type", options->type, "nucl or prot")->capture_default_str();
  sub->footer("Example: migbench-blast cut database.fa fragments -n 16");
  sub->callback([options, &chosen] {
    chosen = [options] {
      const auto database = cut_database(options->fasta, parse_molecule(options->type),
                                         options->fragments, options->directory);
      fmt::print("{} sequences, {} letters in {} fragments in {}\n", database.sequences,
                 database.letters, database.fragments.size(), options->directory);
      return 0;
    };
  });
}

}  // namespace migbench::blast
