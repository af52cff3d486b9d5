#include "apps/blast/program/messages.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <thread>

#include <fmt/format.h>

#include "bench/error.hpp"

namespace migbench::blast {
namespace {

using namespace std::chrono_literals;

// The shortest is long enough not to take a core from an engine, and short beside any search (tens
// of milliseconds). But a look for messages costs an emulated processor so much that waiting ranks
// would take it from the engines. So the longer nothing has come, the longer is the next nap; what
// comes then waits for a sixteenth of that time at most.
constexpr std::chrono::nanoseconds kShortestNap = 200us;
constexpr std::chrono::nanoseconds kLongestNap = 10ms;
constexpr int kWaitedPerNap = 16;

std::chrono::nanoseconds nap_after(std::chrono::steady_clock::duration waited) {
  return std::clamp<std::chrono::nanoseconds>(waited / kWaitedPerNap, kShortestNap, kLongestNap);
}

std::string pack(const nlohmann::json& head, const std::string& body) {
  const std::string text = head.dump();
  const std::uint64_t length = text.size();
  std::string bytes(sizeof length, '\0');
  std::memcpy(bytes.data(), &length, sizeof length);
  return bytes + text + body;
}

void unpack(const std::string& bytes, Message& message) {
  std::uint64_t length = 0;
  if (bytes.size() < sizeof length) throw Error("a message between ranks is too short");
  std::memcpy(&length, bytes.data(), sizeof length);
  if (length > bytes.size() - sizeof length) throw Error("a message between ranks is cut off");
  message.head = nlohmann::json::parse(bytes.substr(sizeof length, length));
  message.body = bytes.substr(sizeof length + length);
}

}  // namespace

nlohmann::json Times::to_json() const {
  return {{"load_s", load_s},
          {"search_s", search_s},
          {"communicate_s", communicate_s},
          {"merge_s", merge_s},
          {"idle_s", idle_s}};
}

void Mailbox::send(int to, Tag tag, const nlohmann::json& head, std::string body) {
  sweep();
  Outgoing& out = outgoing_.emplace_back();
  out.bytes = pack(head, body);
  if (out.bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    throw Error(fmt::format(
        "a message of {} bytes is too long for MPI: use more fragments or smaller batches",
        out.bytes.size()));
  }
  // A receiver that died shows as a missing sign of life, not here.
  (void)MPI_Isend(out.bytes.data(), static_cast<int>(out.bytes.size()), MPI_BYTE, to,
                  static_cast<int>(tag), communicator_, &out.request);
}

void Mailbox::sweep() {
  for (auto entry = outgoing_.begin(); entry != outgoing_.end();) {
    int sent = 0;
    (void)MPI_Test(&entry->request, &sent, MPI_STATUS_IGNORE);
    entry = sent != 0 ? outgoing_.erase(entry) : std::next(entry);
  }
}

std::optional<Message> Mailbox::receive(std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  for (;;) {
    sweep();
    int there = 0;
    MPI_Status status;
    if (MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, communicator_, &there, &status) != MPI_SUCCESS)
      throw Error("MPI_Iprobe failed");
    if (there != 0) {
      int count = 0;
      MPI_Get_count(&status, MPI_BYTE, &count);
      std::string bytes(static_cast<std::size_t>(count), '\0');
      if (MPI_Recv(bytes.data(), count, MPI_BYTE, status.MPI_SOURCE, status.MPI_TAG, communicator_,
                   MPI_STATUS_IGNORE) != MPI_SUCCESS) {
        throw Error(fmt::format("MPI_Recv from rank {} failed", status.MPI_SOURCE));
      }
      Message message{.from = status.MPI_SOURCE,
                      .tag = static_cast<Tag>(status.MPI_TAG),
                      .head = {},
                      .body = {}};
      unpack(bytes, message);
      last_ = std::chrono::steady_clock::now();
      return message;
    }
    const auto now = std::chrono::steady_clock::now();
    if (now >= until) return std::nullopt;
    // What is on its way out makes progress only here.
    const auto nap = outgoing_.empty() ? nap_after(now - last_) : kShortestNap;
    std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(nap, until - now));
  }
}

void Mailbox::flush(std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  for (sweep(); !outgoing_.empty() && std::chrono::steady_clock::now() < until; sweep())
    std::this_thread::sleep_for(kShortestNap);
}

}  // namespace migbench::blast
