// Preloaded into both programs of a comparison (LD_PRELOAD): the processor is yielded before each
// lock that the soft-RoCE library takes, so before each look into a completion queue. On one
// processor, a program that polls would else use its time slice up while the other one, whom it
// waits for, stands still, and both programs would measure the scheduler.
#include <pthread.h>
#include <sched.h>

extern "C" int pthread_spin_lock(pthread_spinlock_t* lock) {
  do {
    ::sched_yield();
  } while (::pthread_spin_trylock(lock) != 0);
  return 0;
}
