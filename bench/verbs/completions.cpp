#include "bench/verbs/completions.hpp"

#include <cerrno>

#include <fmt/format.h>

#include "bench/error.hpp"
#include "bench/verbs/call.hpp"

namespace migbench::verbs {
namespace {

ibv_comp_channel* channel_for(ibv_context* context, Completion how) {
  if (how == Completion::polling) return nullptr;
  return made(::ibv_create_comp_channel(context), "ibv_create_comp_channel");
}

}  // namespace

CompletionQueue::CompletionQueue(ibv_context* context, int entries, ibv_comp_channel* channel)
    : queue_(made(::ibv_create_cq(context, entries, this, channel, 0), "ibv_create_cq",
                  fmt::format(" for {} completions", entries))) {
  if (channel != nullptr) ask_for_event();
}

CompletionQueue::~CompletionQueue() {
  if (unacknowledged_ > 0) ::ibv_ack_cq_events(queue_.get(), unacknowledged_);
}

void CompletionQueue::fail(const ibv_wc* completion) {
  if (completion == nullptr) throw Error("ibv_poll_cq failed: the device is broken or was removed");
  throw completion_error(*completion);
}

void CompletionQueue::ask_for_event() {
  check(::ibv_req_notify_cq(queue_.get(), 0), "ibv_req_notify_cq");
}

void CompletionQueue::take_event() {
  // Acknowledging takes a lock, so it is done for many at once.
  if (++unacknowledged_ == 1024) {
    ::ibv_ack_cq_events(queue_.get(), unacknowledged_);
    unacknowledged_ = 0;
  }
  ask_for_event();
  // What completed in between gave no event: only now is it looked for.
  due_ = true;
}

Completions::Completions(ibv_context* context, int send_entries, int receive_entries,
                         Completion how)
    : channel_(channel_for(context, how)),
      sent_(context, send_entries, channel_.get()),
      received_(receive_entries > 0
                    ? std::make_unique<CompletionQueue>(context, receive_entries, channel_.get())
                    : nullptr) {}

void Completions::take_event(Watch& watch) {
  ibv_cq* which = nullptr;
  void* owner = nullptr;
  if (::ibv_get_cq_event(channel_.get(), &which, &owner) == 0) {
    static_cast<CompletionQueue*>(owner)->take_event();
  } else if (errno == EINTR) {
    watch.look();  // it is nudged
  } else {
    throw call_error("ibv_get_cq_event", errno);
  }
}

std::span<const ibv_wc> Completions::reap(std::span<ibv_wc> into, Watch& watch) {
  if (channel_ && !sent_.due() && !received().due() && watch.wait(channel_->fd)) take_event(watch);
  std::span<const ibv_wc> found;
  for (CompletionQueue* queue : {&sent_, received_.get()}) {
    if (!found.empty() || queue == nullptr || (channel_ && !queue->due())) continue;
    found = queue->poll(into);
  }
  if (!found.empty()) {
    watch.progress();
  } else if (!channel_) {
    watch.idle();
  }
  return found;
}

}  // namespace migbench::verbs
