#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>

#include <fmt/format.h>

#include "apps/blast/hits.hpp"
#include "apps/blast/program/ranks.hpp"
#include "apps/blast/tasks.hpp"
#include "bench/error.hpp"

namespace migbench::blast {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Moment = std::chrono::steady_clock::time_point;

struct Batch {
  std::string fasta;                   ///< queries called by their number
  std::vector<std::uint64_t> queries;  ///< numbers, in order
  std::map<std::uint64_t, QueryHits> hits;
};

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) throw Error(fmt::format("cannot read {}", path.string()));
  return bytes;
}

class Scheduler {
 public:
  Scheduler(Mailbox& mailbox, int workers, const SearchOptions& options)
      : mailbox_(mailbox),
        options_(options),
        database_(open_database(options.database)),
        names_(read_names(database_)),
        last_sign_(static_cast<std::size_t>(workers), std::chrono::steady_clock::now()),
        state_(static_cast<std::size_t>(workers), State::unseen) {
    const Cut cut = read_queries(static_cast<std::size_t>(workers));
    output_.open(options.output, std::ios::binary | std::ios::trunc);
    if (!output_) throw Error(fmt::format("cannot write {}", options.output.string()));
    table_.emplace(batches_.size(), database_.fragments.size(),
                   assign_fragments(database_.fragments.size(), static_cast<std::size_t>(workers),
                                    options.replicas),
                   cut.together);
  }

  SearchResult run() {
    announce("measuring");
    const auto start = std::chrono::steady_clock::now();
    while (!table_->done()) {
      std::optional<Message> message;
      {
        const Stopwatch watch(times_.idle_s);
        message = mailbox_.receive(200ms);
      }
      if (message) take(*message);
      bury_the_silent();
    }
    write_finished();
    output_.close();
    if (!output_)
      throw Error(fmt::format("cannot write {}: is the disk full?", options_.output.string()));
    result_.search_s =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    announce("measured");
    dismiss();
    result_.queries = query_names_.size();
    result_.batches = batches_.size();
    result_.repeated_tasks = table_->repeated();
    result_.ranks.push_back({{"rank", 0}, {"role", "scheduler"}, {"times", times_.to_json()}});
    return std::move(result_);
  }

 private:
  void announce(const char* what) const {
    if (!options_.announce) return;
    fmt::print("migbench-blast: {}\n", what);
    std::fflush(stdout);
  }

  enum class State { unseen, busy, waiting, gone };

  Cut read_queries(std::size_t workers) {
    FastaReader reader(options_.queries.string(), database_.molecule, Empty::allowed);
    std::vector<Sequence> queries;
    while (auto query = reader.next()) {
      query_names_.push_back(query->id);
      queries.push_back(std::move(*query));
    }
    std::size_t letters = 0;
    for (const Sequence& query : queries)
      letters += query.letters.size();
    Cut cut =
        choose_cut(queries.size(), expected_seconds(options_.engine, letters, database_.letters),
                   workers, database_.fragments.size());
    if (options_.batch > 0) cut.batch = options_.batch;
    if (options_.together > 0) cut.together = options_.together;
    for (std::size_t i = 0; i < queries.size(); ++i) {
      if (i % cut.batch == 0) batches_.emplace_back();
      Batch& batch = batches_.back();
      batch.queries.push_back(i);
      // The engine warns of a query without letters and skips it: it has no hits.
      if (!queries[i].letters.empty())
        batch.fasta += fmt::format(">{}\n{}\n", i, queries[i].letters);
    }
    return cut;
  }

  void take(const Message& message) {
    const auto worker = static_cast<std::size_t>(message.from - 1);
    last_sign_.at(worker) = std::chrono::steady_clock::now();
    if (message.tag == Tag::alive || state_[worker] == State::gone) return;
    if (message.tag == Tag::want) return send_fragment(message);
    if (message.tag == Tag::result) accept(worker, message);
    if (message.tag == Tag::failure) {
      table_->failed(worker, task_of(message), message.head.at("why"));
      give_waiting();
    }
    state_[worker] = State::waiting;
    give(worker);
    write_finished();
  }

  static Task task_of(const Message& message) {
    return {message.head.at("batch"), message.head.at("fragments")};
  }

  void accept(std::size_t worker, const Message& message) {
    const Stopwatch watch(times_.merge_s);
    const Task task = task_of(message);
    const auto fragments = table_->finished(worker, task);
    if (fragments.empty()) return;
    ++result_.tasks;
    Batch& batch = batches_.at(task.batch);
    for (QueryHits& part : parse_hits(message.body)) {
      if (fragments.size() < task.fragments.size()) keep_those_of(fragments, part);
      const auto number = part.query;
      add_hits(batch.hits[number], std::move(part));
    }
  }

  /// What another worker has delivered before is not merged again.
  void keep_those_of(const std::vector<std::size_t>& fragments, QueryHits& hits) const {
    std::erase_if(hits.subjects, [&](const SubjectHits& subject) {
      return std::none_of(fragments.begin(), fragments.end(), [&](std::size_t index) {
        const Fragment& fragment = database_.fragments[index];
        return subject.subject >= fragment.first &&
               subject.subject < fragment.first + fragment.sequences;
      });
    });
  }

  void give(std::size_t worker) {
    while (state_[worker] == State::waiting) {
      const auto task = table_->next(worker);
      if (!task) return;
      if (batches_[task->batch].fasta.empty()) {  // only queries without letters
        (void)table_->finished(worker, *task);
        continue;
      }
      const Stopwatch watch(times_.communicate_s);
      std::vector<std::string> names;
      for (const std::size_t fragment : task->fragments)
        names.push_back(database_.fragments[fragment].name);
      mailbox_.send(static_cast<int>(worker) + 1, Tag::task,
                    {{"batch", task->batch},
                     {"fragments", task->fragments},
                     {"fragment_names", names},
                     {"whole", to_json(database_)}},
                    batches_[task->batch].fasta);
      state_[worker] = State::busy;
    }
  }

  void give_waiting() {
    for (std::size_t worker = 0; worker < state_.size(); ++worker)
      give(worker);
  }

  void send_fragment(const Message& message) {
    const Stopwatch watch(times_.communicate_s);
    const std::string wanted = message.head.at("fragment_name");
    const auto fragment = std::find_if(database_.fragments.begin(), database_.fragments.end(),
                                       [&](const Fragment& f) { return f.name == wanted; });
    if (fragment == database_.fragments.end())
      throw Error(fmt::format("a worker wants fragment '{}', which does not exist", wanted));
    const auto files = fragment_files(database_, *fragment);
    for (std::size_t i = 0; i < files.size(); ++i) {
      mailbox_.send(message.from, Tag::file, {{"name", files[i]}, {"left", files.size() - i - 1}},
                    read_file(database_.directory / files[i]));
    }
  }

  /// A worker that waits for work has no reason to say anything; one that searches says so every
  /// second.
  void bury_the_silent() {
    const auto now = std::chrono::steady_clock::now();
    for (std::size_t worker = 0; worker < state_.size(); ++worker) {
      if (state_[worker] == State::waiting || state_[worker] == State::gone ||
          now - last_sign_[worker] < options_.patience)
        continue;
      state_[worker] = State::gone;
      table_->lost(worker);
      result_.lost_workers.push_back(static_cast<int>(worker) + 1);
      fmt::print(
          stderr,
          "migbench-blast: rank {} has given no sign of life for {} s: its work goes to others\n",
          worker + 1, options_.patience.count() / 1000);
      if (table_->alive() == 0) throw Error("no worker is left");
      give_waiting();
    }
  }

  /// Writes batches in their order as they become complete, so that results need not all be kept.
  void write_finished() {
    const Stopwatch watch(times_.merge_s);
    for (; next_to_write_ < batches_.size() && table_->batch_done(next_to_write_);
         ++next_to_write_) {
      Batch& batch = batches_[next_to_write_];
      for (const std::uint64_t query : batch.queries) {
        QueryHits& hits = batch.hits[query];
        order_hits(hits, options_.engine.max_target_seqs);
        write(print_hits(hits, query_names_[query], names_));
      }
      batch = Batch{};
    }
  }

  void write(const std::string& text) {
    for (const char c : text)
      hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    result_.hits += static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
    result_.output_hash = hash_;
    output_ << text;
  }

  void dismiss() {
    std::size_t left = 0;
    for (std::size_t worker = 0; worker < state_.size(); ++worker) {
      if (state_[worker] == State::gone) continue;
      mailbox_.send(static_cast<int>(worker) + 1, Tag::stop,
                    {{"all_alive", result_.lost_workers.empty()}});
      ++left;
    }
    while (left > 0) {
      const auto message = mailbox_.receive(
          std::chrono::duration_cast<std::chrono::milliseconds>(options_.patience));
      if (!message) break;
      if (message->tag != Tag::bye) continue;
      result_.ranks.push_back(
          {{"rank", message->from}, {"role", "worker"}, {"times", message->head}});
      state_[static_cast<std::size_t>(message->from - 1)] = State::gone;
      --left;
    }
    for (std::size_t worker = 0; worker < state_.size(); ++worker) {
      if (state_[worker] != State::gone)
        result_.lost_workers.push_back(static_cast<int>(worker) + 1);
    }
  }

  Mailbox& mailbox_;
  const SearchOptions& options_;
  Database database_;
  std::vector<std::string> names_;
  std::vector<std::string> query_names_;
  std::vector<Batch> batches_;
  std::optional<TaskTable> table_;
  std::vector<Moment> last_sign_;
  std::vector<State> state_;
  std::ofstream output_;
  std::size_t next_to_write_ = 0;
  std::uint64_t hash_ = 0xCBF29CE484222325ULL;
  SearchResult result_;
  Times times_;
};

}  // namespace

SearchResult schedule(Mailbox& mailbox, int workers, const SearchOptions& options) {
  return Scheduler(mailbox, workers, options).run();
}

}  // namespace migbench::blast
