// Preloaded into both programs of a comparison (LD_PRELOAD): whoever looks into an empty completion
// queue yields the processor. On one processor, a program that polls would else use its time slice
// up while the other one, whom it waits for, stands still, and both would measure the scheduler.
// With YIELD_AT_EVERY_LOOK in the environment it yields after a completion, too: for programs that
// look into memory next, where nothing can be put in between.
#include <cstdlib>

#include <dlfcn.h>
#include <infiniband/verbs.h>
#include <sched.h>

namespace {

using Poll = int (*)(ibv_cq*, int, ibv_wc*);
Poll poll_of_device = nullptr;
bool at_every_look = false;

int poll_and_yield(ibv_cq* queue, int most, ibv_wc* into) {
  const int found = poll_of_device(queue, most, into);
  if (found == 0 || at_every_look) ::sched_yield();
  return found;
}

}  // namespace

extern "C" ibv_cq* ibv_create_cq(ibv_context* context, int entries, void* owner,
                                 ibv_comp_channel* channel, int vector) {
  using Create = ibv_cq* (*)(ibv_context*, int, void*, ibv_comp_channel*, int);
  const auto original = reinterpret_cast<Create>(::dlsym(RTLD_NEXT, "ibv_create_cq"));
  // ibv_poll_cq is no function of the library: it calls what stands here.
  if (context->ops.poll_cq != poll_and_yield) {
    at_every_look = std::getenv("YIELD_AT_EVERY_LOOK") != nullptr;
    poll_of_device = context->ops.poll_cq;
    context->ops.poll_cq = poll_and_yield;
  }
  return original(context, entries, owner, channel, vector);
}
