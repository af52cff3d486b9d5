#include "pingpong/run.hpp"

#include <cstdio>
#include <exception>
#include <filesystem>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bench/clock.hpp"
#include "bench/document.hpp"
#include "bench/driver_document.hpp"
#include "bench/error.hpp"
#include "pingpong/job_facts.hpp"
#include "pingpong/measure.hpp"
#include "pingpong/result.hpp"
#include "pingpong/table.hpp"
#include "pingpong/team.hpp"
#include "pingpong/validate.hpp"

namespace migbench::pingpong {
namespace {

using nlohmann::json;

/// Finds out on rank 0 whether the file can be written before anything is measured for it; all
/// ranks then throw together.
void check_output(const Session& session, const Options& options) {
  if (!options.json || *options.json == "-") return;
  std::string why;
  if (session.rank() == 0) {
    try {
      // Beside the file and not in it: what is there stays until there is something better.
      const std::filesystem::path probe = *options.json + ".probe";
      write_text(probe, "");
      std::filesystem::remove(probe);
      if (std::filesystem::is_directory(*options.json)) why = *options.json + " is a directory";
    } catch (const std::exception& error) {
      why = error.what();
    }
  }
  if (broadcast(why.empty() ? 0 : 1) != 0) throw InputError("--json: " + why);
}

/// What a rank has for one size: {}, {"corrupt": ...} or {"result": ...}.
class Player {
 public:
  Player(const Options& options, const Session& session, double clock_cost_ns)
      : options_(options),
        session_(session),
        team_(session, options.pairs),
        clock_cost_(clock_cost_ns) {
    if (team_.role() == Role::idle) return;
    memory_.emplace(options);
    recorder_.emplace(team_.role() == Role::starts ? options.keep : 0);
  }

  json play(Bytes size) {
    if (team_.role() == Role::idle) return json::object();
    const auto corrupt = options_.validate > 0 ? find_corruption(options_, team_, size)
                                               : std::optional<std::string>();
    int wrong = corrupt ? 1 : 0;
    MPI_Allreduce(MPI_IN_PLACE, &wrong, 1, MPI_INT, MPI_MAX, team_.players());
    if (wrong != 0) {
      return corrupt ? json{{"corrupt", fmt::format("rank {}, size {}: {}", session_.rank(),
                                                    format_bytes(size), *corrupt)}}
                     : json::object();
    }
    const Measured measured = measure(options_, team_, *memory_, *recorder_, size);
    if (team_.role() != Role::starts) return json::object();
    const Result result{team_.pair(),          size,
                        *recorder_->summary(), measured.per_sample,
                        measured.stopped,      measured.spent,
                        clock_cost_,           samples_json(*recorder_, options_.samples)};
    return {{"result", to_json(options_, result)}};
  }

 private:
  const Options& options_;
  const Session& session_;
  Team team_;
  double clock_cost_;
  std::optional<MessageMemory> memory_;
  std::optional<Recorder> recorder_;
};

/// Rank 0's part: the table and the document.
class Reporter {
 public:
  Reporter(const Options& options, const std::vector<std::string>& argv, json mpi)
      : options_(options),
        table_(options.json == "-" ? stderr : stdout),
        document_(driver_document("migbench-pingpong", argv)) {
    document_["mode"] = name(options.mode);
    document_["timing"] = name(options.timing);
    document_["mpi"] = std::move(mpi);
    document_["options"] = to_json(options);
    document_["results"] = json::array();
    print(table_head(options, document_));
  }

  void add(const std::vector<Message>& messages) {
    for (const Message& message : messages) {
      json found = json::from_cbor(message);
      if (found.contains("corrupt")) document_["corrupt"].push_back(found["corrupt"]);
      if (!found.contains("result")) continue;
      print(table_row(options_, found["result"]));
      document_["results"].push_back(std::move(found["result"]));
    }
  }

  /// The exit code.
  ExitCode finish() {
    deliver_document(document_, options_.json.value_or(""));
    return judge_contents(document_, "migbench-pingpong", "the transport");
  }

 private:
  void print(const std::string& text) {
    std::fputs(text.c_str(), table_);
    std::fflush(table_);
  }

  const Options& options_;
  std::FILE* table_;
  json document_;
};

int finish(std::optional<Reporter>& reporter) {
  if (!reporter) return 0;
  try {
    return static_cast<int>(reporter->finish());
  } catch (const std::exception& error) {
    fmt::print(stderr, "migbench-pingpong: {}\n", error.what());
    return static_cast<int>(ExitCode::failed);
  }
}

}  // namespace

int run(const Session& session, Options options, const std::vector<std::string>& argv) {
  if (options.all_pairs) options.pairs = pairs_of_halves(session.size());
  check_pairs(options.pairs, session.size());
  check_output(session, options);
  const double clock_cost_ns = measure_clock().read_cost_ns;
  json mpi = job_facts(session, clock_cost_ns);
  std::optional<Reporter> reporter;
  if (session.rank() == 0) reporter.emplace(options, argv, std::move(mpi));
  Player player(options, session, clock_cost_ns);
  for (const Bytes size : options.sizes) {
    const json mine = player.play(size);
    quiet_barrier();
    const auto messages = gather(session, json::to_cbor(mine));
    if (reporter) reporter->add(messages);
  }
  return broadcast(finish(reporter));
}

}  // namespace migbench::pingpong
