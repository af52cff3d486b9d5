#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>

#include <fmt/format.h>
#include <unistd.h>

#include "apps/blast/program/commands.hpp"
#include "apps/blast/program/ranks.hpp"
#include "apps/blast/synthetic.hpp"
#include "apps/blast/verify.hpp"
#include "bench/document.hpp"
#include "bench/driver_document.hpp"
#include "bench/error.hpp"
#include "bench/sha256.hpp"
#include "bench/table.hpp"

namespace migbench::blast {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct CommandOptions {
  SearchOptions search;
  std::string synthetic, truth, json_file;
  fs::path work;
  unsigned fragments = 8;
  double patience_s = 15;
  bool verify = false;
  std::vector<std::string> argv;
};

/// MPI from here to the end of the scope.
class Mpi {
 public:
  Mpi() {
    MPI_Init(nullptr, nullptr);
    // A dead peer must not end the living: errors come back as values.
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
  }
  ~Mpi() {
    // MPI_Finalize waits for every rank: with a dead one it would wait for ever.
    if (!lost) MPI_Finalize();
  }
  Mpi(const Mpi&) = delete;
  Mpi& operator=(const Mpi&) = delete;
  Mpi(Mpi&&) = delete;
  Mpi& operator=(Mpi&&) = delete;
  int rank = 0;
  int size = 1;
  bool lost = false;
};

json host_names(const Mpi& mpi) {
  std::array<char, 256> own{};
  ::gethostname(own.data(), own.size() - 1);
  std::vector<char> all(own.size() * static_cast<std::size_t>(mpi.size));
  MPI_Gather(own.data(), static_cast<int>(own.size()), MPI_CHAR, all.data(),
             static_cast<int>(own.size()), MPI_CHAR, 0, MPI_COMM_WORLD);
  json names = json::array();
  for (std::size_t r = 0; r < static_cast<std::size_t>(mpi.size); ++r)
    names.push_back(std::string(all.data() + r * own.size()));
  return names;
}

/// Makes data and fragments where they are asked for and not there.
void prepare(const CommandOptions& options) {
  if (options.synthetic.empty()) return;
  const auto spec = parse_spec(options.synthetic);
  fs::create_directories(options.work);
  // The number is that of these files' form.
  const auto stamp = fmt::format("2: {} {}\n", options.synthetic, options.fragments);
  const auto stamp_file = options.work / "made-from";
  std::ifstream made(stamp_file);
  if (made && std::string(std::istreambuf_iterator<char>(made), {}) == stamp)
    return;  // an earlier run's
  fs::remove(stamp_file);
  fs::remove_all(options.search.database);
  write_database(spec, options.work / "database.fa");
  write_queries(spec, options.search.queries, options.truth);
  (void)cut_database(options.work / "database.fa", spec.molecule, options.fragments,
                     options.search.database);
  fs::remove(options.work / "database.fa");
  write_text(stamp_file, stamp);
}

/// Whose work is measured is the engine's: its hash says whether two runs ran the same.
json tool_facts(const std::string& tool) {
  const auto path = tool_path(tool);
  if (path.empty()) return nullptr;
  return {{"path", path.string()}, {"sha256", sha256_of_file(path)}};
}

json to_document(const CommandOptions& options, const SearchResult& result) {
  json document = driver_document("migbench-blast", options.argv);
  const auto version = engine_version(options.search.engine.program);
  document["engine"] = {{"program", options.search.engine.program},
                        {"version", version ? json(*version) : json()}};
  document["build"] = {{"engine", tool_facts(options.search.engine.program)},
                       {"database", tool_facts("makeblastdb")}};
  document["search_s"] = result.search_s;
  document["queries"] = result.queries;
  document["batches"] = result.batches;
  document["tasks"] = result.tasks;
  document["repeated_tasks"] = result.repeated_tasks;
  document["hits"] = result.hits;
  document["output_hash"] = fmt::format("{:016x}", result.output_hash);
  document["lost_workers"] = result.lost_workers;
  document["ranks"] = result.ranks;
  return document;
}

void print_table(const json& document) {
  Table table({"rank", "role", "load s", "search s", "communicate s", "merge s", "idle s"});
  for (const json& rank : document.at("ranks")) {
    const json& t = rank.at("times");
    const auto cell = [&](const char* key) {
      return fmt::format("{:.3f}", t.at(key).get<double>());
    };
    table.add({fmt::format("{}", rank.at("rank").get<int>()), rank.at("role"), cell("load_s"),
               cell("search_s"), cell("communicate_s"), cell("merge_s"), cell("idle_s")});
  }
  fmt::print("{}{} queries, {} hits in {:.3f} s ({} tasks)\n", table.text(),
             document.at("queries").get<std::size_t>(), document.at("hits").get<std::uint64_t>(),
             document.at("search_s").get<double>(), document.at("tasks").get<std::size_t>());
}

/// What rank 0 does beside scheduling. Returns the exit code.
int lead(const CommandOptions& options, Mailbox& mailbox, Mpi& mpi, const json& hosts) {
  double prepare_s = 0;
  {
    const Stopwatch watch(prepare_s);
    prepare(options);
  }
  check(options.search.engine, open_database(options.search.database).molecule);
  const SearchResult result = schedule(mailbox, mpi.size - 1, options.search);
  mpi.lost = !result.lost_workers.empty();
  json document = to_document(options, result);
  document["prepare_s"] = prepare_s;
  document["mpi"] = {{"size", mpi.size}, {"hosts", hosts}};
  if (!options.truth.empty())
    document["truth"] = compare_with_truth(options.truth, options.search.output);
  bool right = true;
  if (options.verify) {
    right = equals_whole_search(options.search.engine, open_database(options.search.database),
                                options.search.queries, options.search.output);
    document["equals_whole_search"] = right;
  }
  if (options.json_file != "-") print_table(document);
  deliver_document(document, options.json_file);
  if (!right) throw Error("the merged hits are not those of a search of the whole database");
  return 0;
}

int run_search(CommandOptions& options) {
  options.search.patience =
      std::chrono::milliseconds(static_cast<std::int64_t>(options.patience_s * 1000));
  Mpi mpi;
  if (mpi.size < 2)
    throw InputError(
        "a search takes at least two ranks, one schedules and the others search: mpirun -np 3 "
        "migbench-blast search ...");
  const json hosts = host_names(mpi);
  Mailbox mailbox(MPI_COMM_WORLD);
  if (mpi.rank > 0) {
    mpi.lost = !work(mailbox, mpi.rank, options.search);
    return 0;
  }
  try {
    return lead(options, mailbox, mpi, hosts);
  } catch (...) {
    // The workers must not wait for ever for a scheduler that has given up.
    for (int rank = 1; rank < mpi.size; ++rank)
      mailbox.send(rank, Tag::stop, json::object());
    mailbox.flush(std::chrono::seconds(2));
    throw;
  }
}

/// On every rank: a worker that sees the same path reads the fragments in place.
void place_synthetic(CommandOptions& options) {
  if (options.synthetic.empty()) return;
  options.search.queries = options.work / "queries.fa";
  options.search.database = options.work / "fragments";
  options.truth = (options.work / "truth.tsv").string();
  if (options.search.output.empty()) options.search.output = options.work / "hits.tsv";
}

void refuse_incomplete(const CommandOptions& options) {
  const bool given = !options.search.database.empty() && !options.search.queries.empty();
  if (options.synthetic.empty() != given) {
    throw InputError(
        "name what to search: either --database and --queries, or --synthetic and --work");
  }
  if (!options.synthetic.empty() && options.work.empty())
    throw InputError("--synthetic needs --work, a directory for the data");
  if (given && options.search.output.empty())
    throw InputError("--output, the file for the hits, is missing");
  refuse_blanks(options.search.local);
  if (!(options.patience_s > 0)) throw InputError("--patience must be greater than zero");
}

}  // namespace

void add_search(CLI::App& app, Action& chosen, const std::vector<std::string>& argv) {
  auto options = std::make_shared<CommandOptions>();
  options->argv = argv;
  options->search.local = fs::temp_directory_path();
  auto* sub = app.add_subcommand(
      "search", "search a cut database; run it with mpirun, one rank more than workers");
  auto& search = options->search;
  sub->add_option("--database", search.database, "directory that 'cut' made");
  sub->add_option("--queries", search.queries, "FASTA file");
  sub->add_option("--output", search.output, "file for the hits, tabular as -outfmt 6");
  sub->add_option("--synthetic", options->synthetic,
                  "make the data: the SPEC of 'generate'; rank 0 does it, outside the timed part");
  sub->add_option("--work", options->work,
                  "directory for synthetic data; used again where it holds the same");
  sub->add_option("-n,--fragments", options->fragments, "of synthetic data")->capture_default_str();
  sub->add_option("--program", search.engine.program, "blastn or blastp")->capture_default_str();
  sub->add_option("--evalue", search.engine.evalue, "largest E-value")->capture_default_str();
  sub->add_option("--max-target-seqs", search.engine.max_target_seqs, "subjects kept for a query")
      ->capture_default_str();
  sub->add_option(
      "--engine-option", search.engine.further,
      "a word passed to the engine as it is: --engine-option=-task --engine-option=blastn");
  sub->add_option("--replicas", search.replicas, "workers that hold a fragment from the start")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  sub->add_option("--batch", search.batch, "queries in a batch; 0 chooses");
  sub->add_option(
      "--together", search.together,
      "fragments of a worker that one engine searches together, at the most; 0 chooses");
  sub->add_flag("--distribute", search.distribute,
                "send the fragments over MPI although they could be read in place");
  sub->add_option("--local", search.local, "directory for a worker's own files")
      ->capture_default_str();
  sub->add_option("--patience", options->patience_s,
                  "seconds without a sign of life before a worker's work goes to others")
      ->capture_default_str();
  sub->add_flag("--announce", search.announce,
                "say when the measured part begins and when it has ended");
  sub->add_flag("--verify", options->verify,
                "search the whole database too, untimed, and compare byte by byte");
  sub->add_option("--truth", options->truth, "the truth of 'generate', to count what was found");
  sub->add_option("--json", options->json_file,
                  "write a JSON document to this file, - for standard output");
  sub->footer(
      "Example: mpirun -np 3 migbench-blast search --synthetic seed=7,queries=100 --work "
      "/tmp/blast --verify");
  sub->callback([options, &chosen] {
    chosen = [options] {
      refuse_incomplete(*options);
      place_synthetic(*options);
      return run_search(*options);
    };
  });
}

}  // namespace migbench::blast
