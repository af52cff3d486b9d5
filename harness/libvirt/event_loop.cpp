#include <migbench_have.hpp>
#if MIGBENCH_HAVE_LIBVIRT

#include <atomic>
#include <thread>

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "harness/libvirt/error.hpp"
#include "harness/libvirt/event_loop.hpp"

namespace migbench::libvirt {

namespace {

// libvirt's loop returns only when something happens; a timer lets it see that it shall end.
constexpr int kWakeMilliseconds = 100;

class EventLoop {
 public:
  EventLoop() {
    if (virInitialize() != 0 || virEventRegisterDefaultImpl() != 0) {
      throw last_error("start libvirt's event loop");
    }
    virSetErrorFunc(nullptr, [](void*, virErrorPtr) {});
    timer_ = virEventAddTimeout(
        kWakeMilliseconds, [](int, void*) {}, nullptr, nullptr);
    thread_ = std::thread([this] {
      while (!ending_)
        virEventRunDefaultImpl();
    });
  }
  ~EventLoop() {
    ending_ = true;
    thread_.join();
    virEventRemoveTimeout(timer_);
  }
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

 private:
  std::atomic<bool> ending_ = false;
  int timer_ = -1;
  std::thread thread_;
};

}  // namespace

void start_event_loop() {
  static const EventLoop loop;
}

}  // namespace migbench::libvirt

#endif
