// Preloaded into a driver (LD_PRELOAD): whenever it hears from its peer, one byte of what it
// received is overwritten, as a broken device would. Both sides tell each other when a message of
// the check of contents is there, so that check must find it (test_contents.cpp).
#include <cstddef>
#include <cstdint>

#include <dlfcn.h>
#include <infiniband/verbs.h>
#include <sys/socket.h>
#undef ibv_reg_mr  // macros that choose between the two functions below
#undef ibv_reg_mr_iova

namespace {

unsigned char* target = nullptr;

ibv_mr* aim_at(ibv_mr* region) {
  // The second half is what is received into.
  if (region != nullptr)
    target = static_cast<unsigned char*>(region->addr) + region->length / 2 + 100;
  return region;
}

template <class Result, class... Arguments>
Result original(const char* name, Arguments... arguments) {
  using Function = Result (*)(Arguments...);
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name))(arguments...);
}

}  // namespace

extern "C" ibv_mr* ibv_reg_mr(ibv_pd* domain, void* memory, std::size_t length, int access) {
  return aim_at(original<ibv_mr*>("ibv_reg_mr", domain, memory, length, access));
}

extern "C" ibv_mr* ibv_reg_mr_iova2(ibv_pd* domain, void* memory, std::size_t length,
                                    std::uint64_t address, unsigned access) {
  return aim_at(original<ibv_mr*>("ibv_reg_mr_iova2", domain, memory, length, address, access));
}

extern "C" int ibv_dereg_mr(ibv_mr* region) {
  target = nullptr;
  return original<int>("ibv_dereg_mr", region);
}

extern "C" ssize_t recv(int socket, void* into, std::size_t size, int flags) {
  const auto got = original<ssize_t>("recv", socket, into, size, flags);
  if (target != nullptr) *target = static_cast<unsigned char>(*target + 1);
  return got;
}
