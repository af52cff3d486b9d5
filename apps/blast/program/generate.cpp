#include <memory>

#include <fmt/format.h>

#include "apps/blast/program/commands.hpp"
#include "apps/blast/synthetic.hpp"

namespace migbench::blast {

void add_generate(CLI::App& app, Action& chosen) {
  struct Options {
    std::string spec, database = "database.fa", queries = "queries.fa", truth = "truth.tsv";
  };
  auto options = std::make_shared<Options>();
  auto* sub = app.add_subcommand(
      "generate", "write a synthetic database, queries with planted homologs, and the truth");
  sub->add_option("--spec", options->spec,
                  "type=nucl|prot,seed=,sequences=,mean_length=,queries=,query_length=,most_"
                  "divergence=,unrelated=,duplicates=");
  sub->add_option("--database", options->database, "FASTA file to write")->capture_default_str();
  sub->add_option("--queries", options->queries, "FASTA file to write")->capture_default_str();
  sub->add_option("--truth", options->truth,
                  "tab-separated: query, source, begin, length, divergence, exact")
      ->capture_default_str();
  sub->footer(
      "Example: migbench-blast generate --spec "
      "sequences=20000,mean_length=5000,queries=200,seed=7");
  sub->callback([options, &chosen] {
    chosen = [options] {
      const auto spec = parse_spec(options->spec);
      write_database(spec, options->database);
      write_queries(spec, options->queries, options->truth);
      fmt::print("{} sequences in {}, {} queries in {}, the truth in {}\n", spec.sequences,
                 options->database, spec.queries, options->queries, options->truth);
      return 0;
    };
  });
}

}  // namespace migbench::blast
