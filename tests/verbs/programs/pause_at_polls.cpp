// Preloaded into both programs of a comparison (LD_PRELOAD): a PAUSE before each lock that the
// soft-RoCE library takes, so before each look into a completion queue. An emulated processor whose
// instructions are counted lets the next one run at a PAUSE; without, a program that polls would
// use its time slice up while the other one, whom it waits for, stands still.
#include <pthread.h>

extern "C" int pthread_spin_lock(pthread_spinlock_t* lock) {
  do {
    __builtin_ia32_pause();
  } while (::pthread_spin_trylock(lock) != 0);
  return 0;
}
