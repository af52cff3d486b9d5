#include "harness/run/engine.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "bench/clock.hpp"
#include "bench/program.hpp"
#include "harness/run/schedule.hpp"
#include "harness/run/support.hpp"
#include "harness/run/trial.hpp"

namespace migbench {
namespace {

using nlohmann::json;

/// A cell with what is known of it so far.
struct CellState {
  const Cell* cell = nullptr;
  std::map<int, FinishedTrial> seen;  ///< by trial
  std::vector<FinishedTrial> trials;  ///< seen, in order
  Closed closed = Closed::no;

  void judge() {
    trials.clear();
    for (const auto& [number, observation] : seen)
      trials.push_back(observation);
    if (closed == Closed::no) closed = judge_cell(cell->repetitions, trials);
  }
  [[nodiscard]] std::size_t count(Outcome outcome) const {
    return static_cast<std::size_t>(
        std::count_if(trials.begin(), trials.end(),
                      [&](const FinishedTrial& trial) { return trial.outcome == outcome; }));
  }
  [[nodiscard]] double mean_elapsed_s() const {
    double sum = 0;
    for (const auto& trial : trials)
      sum += trial.elapsed_s;
    return trials.empty() ? 0 : sum / static_cast<double>(trials.size());
  }
};

class Engine {
 public:
  Engine(RunDirectory& run, const std::vector<std::string>& argv, Progress& progress)
      : run_(run), argv_(argv), progress_(progress) {
    for (const auto& cell : run.cells()) {
      states_.push_back({&cell, {}, {}, Closed::no});
      keys_.push_back(run.keeps_instances() ? sharing_key(cell) : cell.id);
    }
  }

  RunSummary execute() {
    load_records();
    try {
      for (std::uint64_t round = 1; !interrupted() && anything_open(); ++round)
        run_round(round);
    } catch (const TrialInterrupted&) {
      run_.log("interrupted: the running trial was ended and will be run again");
    } catch (const std::exception& error) {
      run_.log(fmt::format("stopped: {}", error.what()));
      run_.set_state("stopped", outcomes());
      throw;
    }
    end_site();
    const bool unfinished = anything_open();
    run_.set_state(unfinished ? "interrupted" : "finished", outcomes());
    run_.log(unfinished ? "interrupted" : "finished");
    return summary(unfinished);
  }

 private:
  void load_records() {
    std::map<std::string, CellState*> by_id;
    for (auto& state : states_)
      by_id[state.cell->id] = &state;
    for (const auto& record : read_records(run_.path())) {
      const auto found = by_id.find(record.cell.id);
      if (found == by_id.end())
        throw InputError(fmt::format("{}: is of a cell that the run's cells.json does not have",
                                     record_file_name(record.cell.id, record.trial)));
      found->second->seen[record.trial] = observe(record);
      before_s_ += record.elapsed_s;
    }
    for (auto& state : states_)
      state.judge();
  }

  [[nodiscard]] bool anything_open() const {
    return std::any_of(states_.begin(), states_.end(),
                       [](const CellState& state) { return state.closed == Closed::no; });
  }

  /// Every open cell once. The trial's number is the round's, so that a record says in which round
  /// it was made, and a resumed run knows what a round still lacks.
  void run_round(std::uint64_t round) {
    const auto order = grouped(round_order(run_.seed(), round, states_.size()), keys_);
    for (std::size_t position = 0; position < order.size(); ++position) {
      auto& state = states_[order[position]];
      const int trial = static_cast<int>(round);
      if (state.closed != Closed::no || state.seen.contains(trial)) continue;
      if (interrupted()) return;
      if (budget_forbids(state)) {
        state.closed = Closed::budget_spent;
        continue;
      }
      const auto sequence = (round - 1) * states_.size() + position;
      run_one(state, trial, static_cast<int>(sequence));
    }
    // Another boot is another observation: each round has instances of its own.
    kept_.end();
  }

  void end_site() {
    kept_.end();
    site_.reset();
  }

  /// The budget is a promise about the end: a cell that has its fewest trials gets no other that
  /// would not fit, and after the end nobody gets one.
  [[nodiscard]] bool budget_forbids(const CellState& state) const {
    const auto budget_s = budget();
    if (!budget_s) return false;
    const double expected_s =
        state.trials.size() >= state.cell->repetitions.fewest ? state.mean_elapsed_s() : 0;
    return spent_s() + expected_s >= *budget_s;
  }

  /// In seconds, to be compared with what is spent.
  [[nodiscard]] std::optional<double> budget() const {
    const auto seconds = [](Nanoseconds time) {
      return std::chrono::duration<double>(time).count();
    };
    if (run_.session_budget()) return before_s_ + seconds(*run_.session_budget());
    if (run_.budget()) return seconds(*run_.budget());
    return std::nullopt;
  }

  /// Earlier sessions by their trials, this one by the clock.
  [[nodiscard]] double spent_s() const {
    return before_s_ + static_cast<double>(now_ns() - start_ns_) / 1e9;
  }

  void run_one(CellState& state, int trial, int sequence) {
    if (provenance_.is_null()) provenance_ = provenance(argv_);
    TrialRequest request{
        nullptr,     state.cell,   trial,    sequence,
        run_.name(), &provenance_, &hashes_, run_.keeps_instances() ? &kept_ : nullptr};
    const auto why_not = support(state);
    request.site = site_.get();
    progress_.begin(*state.cell, trial, standing());
    const Record record = why_not ? unsupported_record(request, *why_not) : run_trial(request);
    run_.store(record);
    run_.log(fmt::format("{} #{}: {} {}", record.cell.id, record.trial, name(record.outcome),
                         record.reason));
    state.seen[trial] = observe(record);
    state.judge();
    if (record.outcome == Outcome::failed) leave_broken_site();
    run_.set_state("running", outcomes());
    progress_.end(record, standing());
  }

  Support support(const CellState& state) {
    if (const auto known = support_.find(state.cell->id); known != support_.end()) {
      if (!known->second && !site_) bring_up_site();
      return known->second;
    }
    auto& answer = support_[state.cell->id];
    answer = check_combination(*state.cell);
    if (!answer && !site_) answer = bring_up_site();
    if (!answer) answer = check_cell(*state.cell, *site_);
    return answer;
  }

  Support bring_up_site() {
    const auto kind_name = run_.site().at("kind").get<std::string>();
    const auto& kind = Registry<SiteKind>::instance().at(kind_name, "kind of site");
    if (auto no = kind.check(run_.site())) return no;
    const auto start = now_ns();
    site_ = kind.bring_up(run_.site());
    run_.log(fmt::format("site '{}' with {} nodes is up after {}", kind_name, site_->nodes().size(),
                         format_duration(Nanoseconds{now_ns() - start})));
    return {};
  }

  /// A failed trial may have killed a node. The next trial shall not suffer for it.
  void leave_broken_site() {
    const auto broken = [](const std::unique_ptr<Node>& node) {
      try {
        return !node->run({{"true"}}, std::chrono::seconds{10}).ok();
      } catch (const Error&) {
        return true;
      }
    };
    if (std::none_of(site_->nodes().begin(), site_->nodes().end(), broken)) return;
    run_.log("a node no longer answers: the site is brought up anew");
    end_site();
  }

  /// Of every cell what was run and why it is closed, for run.json.
  [[nodiscard]] json outcomes() const {
    json list = json::array();
    for (const auto& state : states_)
      list.push_back({{"id", state.cell->id},
                      {"trials", state.trials.size()},
                      {"ok", state.count(Outcome::ok)},
                      {"failed", state.count(Outcome::failed)},
                      {"suspect", state.count(Outcome::suspect)},
                      {"unsupported", state.count(Outcome::unsupported)},
                      {"stopped", name(state.closed)}});
    return list;
  }

  /// What is still to come if every open cell needs its fewest trials, and one more beyond.
  [[nodiscard]] Standing standing() const {
    Standing standing;
    double known_s = 0;
    for (const auto& state : states_) {
      standing.done += state.trials.size();
      known_s += state.mean_elapsed_s() * static_cast<double>(state.trials.size());
    }
    const double mean_s = standing.done == 0 ? 0 : known_s / static_cast<double>(standing.done);
    double left_s = 0;
    for (const auto& state : states_) {
      if (state.closed != Closed::no) continue;
      ++standing.open_cells;
      const auto fewest = state.cell->repetitions.fewest;
      const auto missing = state.trials.size() < fewest ? fewest - state.trials.size() : 1;
      left_s +=
          static_cast<double>(missing) * (state.trials.empty() ? mean_s : state.mean_elapsed_s());
    }
    if (const auto budget_s = budget())
      left_s = std::min(left_s, std::max(0.0, *budget_s - spent_s()));
    if (standing.done > 0)
      standing.remaining = Nanoseconds{static_cast<std::int64_t>(left_s * 1e9)};
    return standing;
  }

  [[nodiscard]] RunSummary summary(bool unfinished) const {
    RunSummary sum;
    for (const auto& state : states_) {
      sum.ok += state.count(Outcome::ok);
      sum.failed += state.count(Outcome::failed);
      sum.suspect += state.count(Outcome::suspect);
      sum.unsupported += state.count(Outcome::unsupported);
    }
    sum.interrupted = unfinished;
    return sum;
  }

  RunDirectory& run_;
  const std::vector<std::string>& argv_;
  Progress& progress_;
  std::vector<CellState> states_;
  std::map<std::string, Support> support_;
  std::vector<std::string> keys_;  ///< of each cell: with whom it shares instances
  std::unique_ptr<Site> site_;
  KeptInstances kept_{};  ///< in the site: ends first
  json provenance_;
  ExecutableHashes hashes_;
  std::int64_t start_ns_ = now_ns();
  double before_s_ = 0;
};

}  // namespace

ExitCode RunSummary::exit_code() const {
  if (interrupted) return ExitCode::interrupted;
  if (failed > 0) return ExitCode::failed;
  return ok + suspect == 0 ? ExitCode::nothing_could_run : ExitCode::ok;
}

RunSummary execute(RunDirectory& run, const std::vector<std::string>& argv, Progress& progress) {
  return Engine(run, argv, progress).execute();
}

}  // namespace migbench
