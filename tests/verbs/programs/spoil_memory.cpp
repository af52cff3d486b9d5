// Preloaded into a driver (LD_PRELOAD): from the registration of its memory on, one byte of what it
// receives is overwritten again and again, as a broken device would. The driver's check of the
// contents must find it (test_contents.cpp).
#include <chrono>
#include <cstddef>
#include <thread>

#include <dlfcn.h>
#include <infiniband/verbs.h>
#undef ibv_reg_mr  // macros that choose between the two functions below
#undef ibv_reg_mr_iova

namespace {

ibv_mr* spoil(ibv_mr* region) {
  if (region == nullptr) return region;
  // The second half is what is received into.
  auto* byte = static_cast<volatile unsigned char*>(region->addr) + region->length / 2 + 100;
  std::thread([byte] {
    for (unsigned char value = 0;; ++value) {
      *byte = value;
      std::this_thread::sleep_for(std::chrono::microseconds(20));
    }
  }).detach();
  return region;
}

template <class... Arguments>
ibv_mr* original(const char* name, Arguments... arguments) {
  using Function = ibv_mr* (*)(Arguments...);
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name))(arguments...);
}

}  // namespace

extern "C" ibv_mr* ibv_reg_mr(ibv_pd* domain, void* memory, std::size_t length, int access) {
  return spoil(original("ibv_reg_mr", domain, memory, length, access));
}

extern "C" ibv_mr* ibv_reg_mr_iova2(ibv_pd* domain, void* memory, std::size_t length,
                                    std::uint64_t address, unsigned access) {
  return spoil(original("ibv_reg_mr_iova2", domain, memory, length, address, access));
}
