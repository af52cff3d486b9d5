#include "harness/run/trial.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bench/clock.hpp"
#include "bench/document.hpp"
#include "bench/program.hpp"
#include "harness/run/downtime.hpp"
#include "harness/run/foreign_load.hpp"
#include "harness/run/placing.hpp"
#include "harness/run/run_directory.hpp"
#include "harness/run/support.hpp"
#include "harness/run/trial_jobs.hpp"

namespace migbench {
namespace {

using nlohmann::json;

Record new_record(const TrialRequest& request) {
  Record record;
  record.run = request.run;
  record.cell = *request.cell;
  record.trial = request.trial;
  record.sequence = request.sequence;
  record.provenance = *request.provenance;
  record.started = utc_now();
  if (request.site != nullptr) {
    record.site = request.site->facts();
    record.labels = request.site->labels();
  }
  return record;
}

class Trial {
 public:
  Trial(const TrialRequest& request, Record& record)
      : site_(*request.site),
        cell_(*request.cell),
        parts_(parts_of(cell_)),
        settings_(cell_.settings()),
        job_(parts_.workload->job(settings_)),
        record_(record),
        others_(request.kept),
        kept_(parts_.technique == nullptr && !cell_.control ? request.kept : nullptr) {}

  void run() {
    bring_up();
    deadline_ns_ = deadline_now_ns() + cell_.deadline.count();
    std::optional<ProbeSession> probe;
    if (!cell_.probe.is_null()) probe.emplace(site_, moved(), cell_.probe, record_.commands);
    const auto signs = signs_of(job_, cell_, site_.scratch());
    if (signs) prepare_signs(*instances_.front(), *signs);
    auto server = start_server(job_, instances_, record_.commands);
    auto workload = start_job(site_, with_signs(job_, signs), instances_);
    try {
      if (signs) await_ready(*signs, *workload);
      if (parts_.technique != nullptr || cell_.control) move_and_settle(workload);
    } catch (const Error&) {
      // What the probe saw of a move that broke is the most interesting part of it.
      if (probe) record_.probe = probe->finish(kEnding);
      throw;
    }
    if (signs) remove_going(*instances_.front(), *signs);
    if (probe) record_.probe = probe->finish(kEnding);
    if (workload) read_result(*workload);
    if (server) (void)server->finish(kEnding, record_.commands);
    add_move_metrics();
    check();
    if (kept_ != nullptr) kept_->keep(instances_key_, {std::move(instances_), trials_before_ + 1});
  }

 private:
  /// For the probe to write its document, also when the deadline has passed.
  static constexpr Nanoseconds kEnding = std::chrono::seconds{20};
  static constexpr Nanoseconds kLooking = std::chrono::milliseconds{200};

  Instance& moved() { return *instances_.back(); }

  [[nodiscard]] Nanoseconds remaining(const char* doing) const {
    const Nanoseconds left{deadline_ns_ - deadline_now_ns()};
    if (left <= Nanoseconds{0})
      throw Error(
          fmt::format("the deadline of {} passed while {}: give the experiment a longer one",
                      format_duration(cell_.deadline), doing));
    return left;
  }

  static void stop_if_interrupted() {
    if (interrupted()) throw TrialInterrupted{};
  }

  void settle() const {
    const auto end = deadline_now_ns() + std::min(cell_.settle, remaining("settling")).count();
    while (deadline_now_ns() < end) {
      stop_if_interrupted();
      const Nanoseconds left{end - deadline_now_ns()};
      std::this_thread::sleep_for(
          std::clamp<Nanoseconds>(left, Nanoseconds{0}, std::chrono::milliseconds{50}));
    }
    stop_if_interrupted();
  }

  /// What is moved shall be at its work, not still starting.
  void await_ready(const Signs& signs, RunningCommand& workload) const {
    while (!is_ready(*instances_.front(), signs) && workload.process().running()) {
      stop_if_interrupted();
      (void)remaining("the workload started");
      std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
  }

  void bring_up() {
    std::vector<InstanceRequest> requests;
    const int count = std::max(1, job_.instances);
    for (int i = 0; i < count; ++i) {
      const auto& node = site_.nodes().at(static_cast<std::size_t>(i));
      const Environment& environment = i + 1 < count ? *parts_.peers : *parts_.environment;
      requests.push_back({fmt::format("i{}", i + 1), node.get(),
                          instance_parameters(job_, environment, cell_.parameters, *node, i)});
    }
    take_or_start(requests);
    for (const auto& instance : instances_) {
      record_.instances.push_back({{"name", instance->name()},
                                   {"address", instance->address()},
                                   {"node", instance->node().name()},
                                   {"facts", instance->facts()}});
      if (kept_ != nullptr) record_.instances.back()["trials_before"] = trials_before_;
      add_labels(instance->labels());
      if (job_.transport == "verbs") add_labels(instance->rdma_labels());
    }
    stop_if_interrupted();
  }

  void add_labels(const std::vector<std::string>& labels) {
    record_.labels.insert(record_.labels.end(), labels.begin(), labels.end());
  }

  void take_or_start(const std::vector<InstanceRequest>& requests) {
    instances_key_ = instances_key(*parts_.environment, *parts_.peers, requests);
    if (kept_ != nullptr) {
      auto found = kept_->take(instances_key_);
      instances_ = std::move(found.instances);
      trials_before_ = found.trials_before;
    } else if (others_ != nullptr) {
      others_->end();  // they have the names that are wanted here
    }
    if (!instances_.empty()) return;
    if (parts_.peers == parts_.environment) {
      instances_ = parts_.environment->bring_up_all(site_, requests);
      return;
    }
    instances_ = parts_.peers->bring_up_all(site_, {requests.begin(), requests.end() - 1});
    instances_.push_back(parts_.environment->bring_up(site_, requests.back()));
  }

  /// A node that hosts none of the instances; there and back, so that any number of moves needs one
  /// free node only.
  Node* destination(const Node* origin, int move) {
    Node* here = &moved().node();
    if (!parts_.technique->changes_node()) return here;
    std::set<const Node*> taken;
    for (const auto& instance : instances_)
      taken.insert(&instance->node());
    for (const auto& node : site_.nodes()) {
      if (taken.contains(node.get())) continue;
      if (move % 2 == 1 && node.get() != origin && !taken.contains(origin)) continue;
      return node.get();
    }
    throw Error("there is no free node to move to");
  }

  /// A job prepares its data before it measures, and a move then would cost it nothing.
  void wait_for_measured_part(std::optional<RunningCommand>& workload) {
    if (!workload || job_.begins.empty()) return;
    while (!workload->process().wait_for_output(job_.begins, kLooking)) {
      stop_if_interrupted();
      if (!workload->process().running()) ended_early(*workload);
      (void)remaining("the workload prepared its measured part");
    }
  }

  [[noreturn]] void ended_early(RunningCommand& workload) {
    // Where it failed, its own words say more.
    if (!workload.process().running()) read_result(workload);
    throw Error("the workload ended before it was moved: let it run longer, or settle shorter");
  }

  /// The workload is still at what it measures.
  [[nodiscard]] bool measuring(std::optional<RunningCommand>& workload) const {
    if (!workload) return true;
    if (!job_.ends.empty() && workload->process().wait_for_output(job_.ends, Nanoseconds{0}))
      return false;
    return workload->process().running();
  }

  void move_and_settle(std::optional<RunningCommand>& workload) {
    wait_for_measured_part(workload);
    settle();
    const Node* origin = &moved().node();
    for (int i = 0; i < cell_.migrations; ++i) {
      move_once(destination(origin, i), workload);
      if (!record_.migrations.back().moved) break;
      settle();
    }
    if (cell_.control) settle();
  }

  void move_once(Node* destination, std::optional<RunningCommand>& workload) {
    const auto migration = parts_.technique->prepare(
        {&site_, &moved(), destination, cell_.parameters, remaining("preparing")});
    // What was prepared shall not disturb the moments before the move.
    settle();
    if (!measuring(workload)) ended_early(*workload);
    record_.migrations.push_back(migration->move());
    stop_if_interrupted();
    (void)remaining("moving");
  }

  void read_result(RunningCommand& workload) {
    auto finished = workload.finish(remaining("the workload ran"), record_.commands);
    // Evidence is no complaint: it is taken out before anything is said of standard error.
    record_.evidence = take_evidence(job_, finished.err, record_.instances);
    stop_if_interrupted();
    if (finished.timed_out)
      throw Error(fmt::format("the workload was ended when the deadline of {} passed: {}",
                              format_duration(cell_.deadline), describe(finished)));
    if (!finished.ok()) throw Error("the workload: " + describe(finished));
    record_.document = parts_.workload->document(finished);
    if (record_.evidence.is_object() && record_.document.is_object())
      record_.evidence["build"] = record_.document.value("build", json());
    // What the driver itself knows to be emulated (a software RDMA device, say).
    if (record_.document.is_object() && record_.document.contains("labels"))
      for (const auto& label : record_.document["labels"])
        record_.labels.push_back(label.get<std::string>());
    record_.metrics = parts_.workload->metrics(settings_, finished);
    if (record_.metrics.empty()) throw Error("the workload reported nothing that was measured");
  }

  void add_move_metrics() {
    const auto add = [&](const std::vector<Metric>& more) {
      record_.metrics.insert(record_.metrics.end(), more.begin(), more.end());
    };
    add(move_metrics(record_.migrations));
    if (!record_.probe.is_null()) add(downtime_metrics(record_.probe, record_.migrations));
  }

  void check() {
    for (const auto& metric : record_.metrics)
      if (!std::isfinite(metric.value))
        throw Error(fmt::format("the metric '{}' is no finite number", metric.name));
    for (const auto& move : record_.migrations)
      if (!move.moved) throw Error("not moved: " + move.reason);
    if (record_.probe.is_null()) return;
    if (const auto reasons = suspicions(record_.probe, record_.migrations); !reasons.empty()) {
      record_.outcome = Outcome::suspect;
      record_.reason = fmt::format("the probe: {}", fmt::join(reasons, "; "));
    }
  }

  Site& site_;
  const Cell& cell_;
  CellParts parts_;
  json settings_;
  Job job_;
  Record& record_;
  KeptInstances* others_;  ///< of trials before, null where none are kept
  KeptInstances* kept_;    ///< the same, where this trial shares them
  std::int64_t deadline_ns_ = 0;
  Instances instances_{};
  std::string instances_key_{};
  int trials_before_ = 0;
};

void sort_labels(std::vector<std::string>& labels) {
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
}

}  // namespace

Record run_trial(const TrialRequest& request) {
  Record record = new_record(request);
  const auto start_ns = now_ns();
  const ForeignLoad load;
  try {
    Trial(request, record).run();
  } catch (const std::exception& error) {
    // A SIGINT reaches the children too: what they complain of then is no result.
    if (interrupted()) throw TrialInterrupted{};
    record.outcome = Outcome::failed;
    record.reason = error.what();
  }
  record.load = load.since();
  record.elapsed_s = static_cast<double>(now_ns() - start_ns) / 1e9;
  sort_labels(record.labels);
  std::vector<std::string> programs;
  for (const auto& command : record.commands)
    programs.insert(programs.end(), command.command.argv.begin(), command.command.argv.end());
  record.provenance["executables"] = request.hashes->of(programs);
  return record;
}

Record unsupported_record(const TrialRequest& request, const Unsupported& why) {
  Record record = new_record(request);
  record.outcome = Outcome::unsupported;
  record.reason = why.reason;
  record.remedy = why.remedy;
  sort_labels(record.labels);
  return record;
}

}  // namespace migbench
