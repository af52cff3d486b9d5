#include "harness/migration/pipe_limit.hpp"

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <string>

#include <fmt/format.h>
#include <linux/userfaultfd.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace migbench {
namespace {

constexpr const char* kLimit = "/proc/sys/fs/pipe-max-size";
/// Holds the value from before; shared locks on it are those who need the raised one.
constexpr const char* kRecord = "/run/migbench-pipe-max-size";

bool write_limit(long bytes) {
  const UniqueFd file(::open(kLimit, O_WRONLY | O_CLOEXEC));
  const std::string text = std::to_string(bytes);
  return file && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

/// With the exclusive lock on `record` held: puts the old value back and forgets it.
void put_back(const UniqueFd& record) {
  char text[32] = {};
  if (::pread(record.get(), text, sizeof text - 1, 0) <= 0) return;
  if (const long before = std::strtol(text, nullptr, 10); before > 0) (void)write_limit(before);
  (void)!::ftruncate(record.get(), 0);
}

UniqueFd open_record() {
  return UniqueFd(::open(kRecord, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
}

}  // namespace

long PipeLimit::current() {
  long bytes = 0;
  std::ifstream(kLimit) >> bytes;
  return bytes;
}

Support PipeLimit::check(long bytes) {
  if (current() >= bytes || ::access(kLimit, W_OK) == 0) return std::nullopt;
  return Unsupported{
      .reason =
          fmt::format("pipes may hold {} bytes only, CRIU's lazy pages need {}", current(), bytes),
      .remedy = fmt::format("echo {} > {} (as root of the machine)", bytes, kLimit)};
}

PipeLimit::PipeLimit(long bytes) : lock_(open_record()) {
  if (!lock_) throw system_error(fmt::format("open {}", kRecord));
  // From the exclusive lock to the shared one is no single step: another may put the value back in
  // between, hence the loop.
  do {
    if (::flock(lock_.get(), LOCK_EX | LOCK_NB) == 0) {
      put_back(lock_);  // what is recorded there was left by one that was killed
      const long before = current();
      const std::string text = std::to_string(before);
      if (before < bytes && ::pwrite(lock_.get(), text.data(), text.size(), 0) < 0)
        throw system_error(fmt::format("write {}", kRecord));
      if (before < bytes && !write_limit(bytes))
        throw system_error(fmt::format("raise {} to {}", kLimit, bytes), "run as root");
    }
    if (::flock(lock_.get(), LOCK_SH) != 0) throw system_error(fmt::format("lock {}", kRecord));
  } while (current() < bytes);
}

PipeLimit::~PipeLimit() {
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) == 0) put_back(lock_);
}

void restore_pipe_limit() {
  const UniqueFd record = open_record();
  if (record && ::flock(record.get(), LOCK_EX | LOCK_NB) == 0) put_back(record);
}

Support check_userfaultfd() {
  const UniqueFd fault(static_cast<int>(::syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK)));
  if (fault) return std::nullopt;
  return Unsupported{.reason = system_error("userfaultfd").what(),
                     .remedy = "use a kernel with CONFIG_USERFAULTFD, as root"};
}

}  // namespace migbench
