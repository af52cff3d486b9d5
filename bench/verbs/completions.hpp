// What has completed: on one queue for what was sent and one for what was received, as in perftest.
//
// With events every completion is slept for, in the order of ibv_get_cq_event(3): sleep until the
// device reports one, acknowledge it, ask for the next report, and only then look into the queue.
// A program that looks first sleeps less often, and what it measures is not what ib_send_lat -e
// measures (docs/verbs.md).
#pragma once

#include <memory>
#include <span>

#include "bench/verbs/objects.hpp"
#include "bench/verbs/settings.hpp"
#include "bench/verbs/watch.hpp"

namespace migbench::verbs {

class CompletionQueue {
 public:
  /// With a channel, it reports its completions there.
  CompletionQueue(ibv_context* context, int entries, ibv_comp_channel* channel);
  ~CompletionQueue();
  CompletionQueue(const CompletionQueue&) = delete;
  CompletionQueue& operator=(const CompletionQueue&) = delete;
  CompletionQueue(CompletionQueue&&) = delete;
  CompletionQueue& operator=(CompletionQueue&&) = delete;

  [[nodiscard]] ibv_cq* get() const noexcept { return queue_.get(); }
  /// What is there, at most `into.size()`. Throws Error for an operation that failed.
  [[nodiscard]] std::span<const ibv_wc> poll(std::span<ibv_wc> into);  // inline: it is timed
  /// There was an event of this queue.
  void take_event();
  /// Whether there was an event since it was last found empty.
  [[nodiscard]] bool due() const noexcept { return due_; }

 private:
  void ask_for_event();
  [[noreturn]] static void fail(const ibv_wc* completion);
  CompletionQueueHandle queue_;
  bool due_ = false;
  unsigned unacknowledged_ = 0;
};

class Completions {
 public:
  /// `receive_entries` 0: nothing is received, and there is one queue only.
  Completions(ibv_context* context, int send_entries, int receive_entries, Completion how);

  [[nodiscard]] CompletionQueue& sent() noexcept { return sent_; }
  [[nodiscard]] CompletionQueue& received() noexcept { return received_ ? *received_ : sent_; }

  /// What has completed on that queue. Sleeps for an event where events are used, in one system
  /// call and no more, since this is what is timed. None: the watch was told.
  [[nodiscard]] std::span<const ibv_wc> reap(CompletionQueue& from, std::span<ibv_wc> into,
                                             Watch& watch);
  /// What has completed on either. Where it sleeps, a word from the peer wakes it, too.
  [[nodiscard]] std::span<const ibv_wc> reap(std::span<ibv_wc> into, Watch& watch);

 private:
  void take_event(Watch& watch);
  CompletionChannel channel_;
  CompletionQueue sent_;
  std::unique_ptr<CompletionQueue> received_;
};

inline std::span<const ibv_wc> CompletionQueue::poll(std::span<ibv_wc> into) {
  const int found = ::ibv_poll_cq(queue_.get(), static_cast<int>(into.size()), into.data());
  if (found < 0) fail(nullptr);
  const std::span<const ibv_wc> all = into.first(static_cast<std::size_t>(found));
  for (const ibv_wc& completion : all)
    if (completion.status != IBV_WC_SUCCESS) fail(&completion);
  // Empty now: whatever comes after this gives an event, which was asked for before.
  if (all.size() < into.size()) due_ = false;
  return all;
}

inline std::span<const ibv_wc> Completions::reap(CompletionQueue& from, std::span<ibv_wc> into,
                                                 Watch& watch) {
  if (channel_ && !from.due()) {
    take_event(watch);
    if (!from.due()) return {};  // of the other queue, or none
  }
  const auto found = from.poll(into);
  if (!found.empty()) {
    watch.progress();
  } else if (!channel_) {
    watch.idle();
  }
  return found;
}

}  // namespace migbench::verbs
