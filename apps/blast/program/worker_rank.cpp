#include <fstream>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <unistd.h>

#include "apps/blast/program/ranks.hpp"
#include "bench/document.hpp"
#include "bench/error.hpp"

namespace migbench::blast {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// A directory that goes with its object.
class PrivateDirectory {
 public:
  explicit PrivateDirectory(const fs::path& parent, int rank)
      : path_(parent / fmt::format("migbench-blast-{}-{}", rank, ::getpid())) {
    fs::create_directories(path_);
  }
  ~PrivateDirectory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  PrivateDirectory(const PrivateDirectory&) = delete;
  PrivateDirectory& operator=(const PrivateDirectory&) = delete;
  PrivateDirectory(PrivateDirectory&&) = delete;
  PrivateDirectory& operator=(PrivateDirectory&&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

class Worker {
 public:
  Worker(Mailbox& mailbox, int rank, const SearchOptions& options)
      : mailbox_(mailbox), options_(options), local_(options.local, rank) {}

  bool run() {
    mailbox_.send(0, Tag::ready, nlohmann::json::object());
    for (;;) {
      const auto message = wait();
      if (!message) throw Error("the scheduler has not answered: it is gone");
      if (message->tag == Tag::stop) {
        mailbox_.send(0, Tag::bye, times_.to_json());
        mailbox_.flush(5s);
        return message->head.value("all_alive", true);
      }
      if (message->tag == Tag::task) carry_out(*message);
    }
  }

 private:
  std::optional<Message> wait() {
    const Stopwatch watch(times_.idle_s);
    // The scheduler may be merging, or preparing the data: that takes as long as it takes.
    return mailbox_.receive(24h);
  }

  void carry_out(const Message& task) {
    nlohmann::json head = task.head;
    std::string output;
    try {
      const fs::path database =
          hold_together(task.head.at("fragment_names"), whole_from_json(task.head.at("whole")));
      const fs::path queries = local_.path() / "queries.fa";
      write_text(queries, task.body);
      output = search(search_command(options_.engine, database, queries));
    } catch (const Error& error) {
      head["why"] = error.what();
      mailbox_.send(0, Tag::failure, head);
      return;
    }
    const Stopwatch watch(times_.communicate_s);
    mailbox_.send(0, Tag::result, head, std::move(output));
  }

  std::string search(const std::vector<std::string>& argv) {
    const Stopwatch watch(times_.search_s);
    Search running(argv);
    auto last_sign = std::chrono::steady_clock::now();
    while (!running.poll(100)) {
      if (const auto now = std::chrono::steady_clock::now(); now - last_sign > 1s) {
        mailbox_.send(0, Tag::alive, nlohmann::json::object());
        last_sign = now;
      }
    }
    return running.take_output();
  }

  /// A database of these fragments that answers for them as the whole one does.
  fs::path hold_together(const std::vector<std::string>& fragments, const Whole& whole) {
    if (fragments.size() == 1) return hold(fragments.front());
    std::vector<std::string> parts;
    for (const std::string& fragment : fragments)
      parts.push_back(fs::absolute(fragment_data(hold(fragment))).string());
    const fs::path all = local_.path() / "together";
    write_alias(all, parts, whole);
    return all;
  }

  /// Where the fragment's files can be read: in place, or in the private directory after they were
  /// sent.
  fs::path hold(const std::string& fragment) {
    if (!options_.distribute && fs::exists(options_.database / "database.json"))
      return options_.database / fragment;
    if (fetched_.count(fragment) == 0) fetch(fragment);
    return local_.path() / fragment;
  }

  void fetch(const std::string& fragment) {
    const Stopwatch watch(times_.load_s);
    mailbox_.send(0, Tag::want, {{"fragment_name", fragment}});
    for (;;) {
      const auto message = mailbox_.receive(60s);
      if (!message) throw Error(fmt::format("fragment {} has not come", fragment));
      if (message->tag != Tag::file) throw Error("a message came where a file was expected");
      const fs::path name = message->head.at("name").get<std::string>();
      if (name.has_parent_path())
        throw Error(fmt::format("'{}' is no name of a fragment's file", name.string()));
      write_text(local_.path() / name, message->body);
      if (message->head.at("left") == 0) break;
    }
    fetched_.insert(fragment);
  }

  Mailbox& mailbox_;
  const SearchOptions& options_;
  PrivateDirectory local_;
  std::set<std::string> fetched_;
  Times times_;
};

}  // namespace

bool work(Mailbox& mailbox, int rank, const SearchOptions& options) {
  return Worker(mailbox, rank, options).run();
}

}  // namespace migbench::blast
