// The kernel's limit on the size of pipes, raised for a while.
#pragma once

#include "bench/error.hpp"
#include "harness/site/unique_fd.hpp"

namespace migbench {

/// What CRIU needs where it keeps a workload's pages in pipes (post-copy, pre-dumps); with less it
/// dies with 'page-pipe: splice'.
inline constexpr long kPagePipeBytes = 4L << 20U;

/// Raises /proc/sys/fs/pipe-max-size to at least so many bytes as long as it lives. Those who hold
/// one at the same time share a file in /run that counts them by locks, so that the last one, or
/// the first one after a crash, puts the old value back. Throws Error.
class PipeLimit {
 public:
  explicit PipeLimit(long bytes);
  ~PipeLimit();
  PipeLimit(const PipeLimit&) = delete;
  PipeLimit& operator=(const PipeLimit&) = delete;

  /// Whether the limit is high enough or can be raised.
  [[nodiscard]] static Support check(long bytes);
  [[nodiscard]] static long current();

 private:
  UniqueFd lock_;
};

/// Puts back what a killed process left raised; nothing happens where someone still holds it.
void restore_pipe_limit();

/// Whether the kernel lets root handle another process's page faults.
[[nodiscard]] Support check_userfaultfd();

}  // namespace migbench
