// criu_own_root COMMAND...: for a guest that runs commands in a chroot at /host. Makes that the
// root of a mount namespace of its own, as switch_root(8) does, mounts the control groups, and runs
// COMMAND: CRIU looks for files where a namespace's root is, not a process's.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "bench/error.hpp"
#include "bench/program.hpp"

using namespace migbench;

namespace {

void need(int status, const char* what) {
  if (status != 0) throw system_error(what);
}

int body(char** words) {
  if (words[1] == nullptr) throw InputError("usage: criu_own_root COMMAND...");
  const int above = ::open("/proc/1/root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (above < 0) throw system_error("open /proc/1/root");
  need(::fchdir(above), "enter the guest's root");
  need(::chroot("."), "chroot to the guest's root");
  need(::unshare(CLONE_NEWNS), "unshare the mount namespace");
  need(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "make mounts private");
  need(::chdir("/host"), "enter /host");
  need(::mount(".", "/", nullptr, MS_MOVE, nullptr), "move /host to /");
  need(::chroot("."), "chroot to what was /host");
  need(::chdir("/"), "enter /");
  need(::mount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, nullptr), "mount the control groups");
  ::execvp(words[1], words + 1);
  throw system_error(std::string("run ") + words[1]);
}

}  // namespace

int main(int, char** argv) {
  return run_program("criu_own_root", [&] { return body(argv); });
}
