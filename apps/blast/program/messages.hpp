// Messages between the scheduler and its workers: a JSON head and a body of bytes.
//
// Waiting sleeps between probes: MPI's own blocking receive spins, and the scheduler would take a
// core from the workers that search on it.
#pragma once

#include <chrono>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include <mpi.h>
#include <nlohmann/json.hpp>

namespace migbench::blast {

enum class Tag : int {
  ready = 1,  ///< worker: give me work
  result,     ///< worker: {"batch", "fragments"}, the engine's output
  failure,    ///< worker: {"batch", "fragments", "why"}
  alive,      ///< worker: still searching
  want,       ///< worker: {"fragment_name"}: I cannot see its files
  bye,        ///< worker: its times
  task,  ///< scheduler: {"batch", "fragments", "fragment_names", "whole"}, the queries as FASTA
  file,  ///< scheduler: {"name", "left"}, the file's bytes
  stop   ///< scheduler: no more work
};

struct Message {
  int from = 0;
  Tag tag = Tag::ready;
  nlohmann::json head;
  std::string body;
};

/// How long a rank spent on what.
struct Times {
  double load_s = 0, search_s = 0, communicate_s = 0, merge_s = 0, idle_s = 0;
  [[nodiscard]] nlohmann::json to_json() const;
};

/// Adds the time from its making to its end to one of them.
class Stopwatch {
 public:
  explicit Stopwatch(double& into) : into_(into), start_(std::chrono::steady_clock::now()) {}
  ~Stopwatch() {
    into_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;
  Stopwatch(Stopwatch&&) = delete;
  Stopwatch& operator=(Stopwatch&&) = delete;

 private:
  double& into_;
  std::chrono::steady_clock::time_point start_;
};

class Mailbox {
 public:
  explicit Mailbox(MPI_Comm communicator) : communicator_(communicator) {}

  /// Does not wait for the receiver, who may be dead.
  void send(int to, Tag tag, const nlohmann::json& head, std::string body = {});
  /// The next message from anybody; nothing after `patience`. Throws Error where MPI fails.
  [[nodiscard]] std::optional<Message> receive(std::chrono::milliseconds patience);
  /// Waits until all that was sent is on its way, `patience` at the most.
  void flush(std::chrono::milliseconds patience);

 private:
  struct Outgoing {
    std::string bytes;
    MPI_Request request = MPI_REQUEST_NULL;
  };
  void sweep();

  MPI_Comm communicator_;
  std::list<Outgoing> outgoing_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();  ///< message
};

}  // namespace migbench::blast
