// Process 1 of a guest: brings it up as its kernel command line and /etc/migbench-guest.json say,
// then serves the exec agent until the guest ends. Static and without libraries, so that it runs in
// an otherwise empty initramfs.
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>

#include <sys/reboot.h>
#include <unistd.h>

#include "harness/guest/programs/init_agent.hpp"
#include "harness/guest/programs/init_settings.hpp"
#include "harness/guest/programs/init_steps.hpp"

namespace {

// A guest without its init panics; this says why first and powers off, which QEMU reports at once.
[[noreturn]] void give_up(const std::string& reason) {
  std::fprintf(stderr, "migbench: guest failed: %s\n", reason.c_str());
  std::fflush(stderr);
  ::sync();
  ::reboot(RB_POWER_OFF);
  for (;;)
    ::pause();
}

void serve(int listener) {
  ::signal(SIGCHLD, SIG_IGN);  // the kernel then reaps, orphans included
  for (;;)
    migbench::guest::accept_one(listener);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace migbench::guest;
  if (argc == 2 && std::strcmp(argv[1], "--version") == 0) {
    std::puts("migbench-guest-init: process 1 of migbench's guests");
    return 0;
  }
  if (::getpid() != 1) {
    std::fputs("migbench-guest-init: this is process 1 of a guest; it does nothing elsewhere\n",
               stderr);
    return 2;
  }
  try {
    mount_kernel_file_systems();
    const Settings settings = read_settings();
    load_modules(settings.modules);
    set_up_network(settings);
    mount_shares(settings);
    for (const ShareSettings& share : settings.shares) {
      if (share.tag == settings.root_share) set_command_root(share.path.c_str());
    }
    const int listener = listen_for_agent(settings.port);
    std::printf("migbench: guest ready %s\n", settings.name.c_str());
    std::fflush(stdout);
    serve(listener);
  } catch (const std::exception& failed) {
    give_up(failed.what());
  }
}
