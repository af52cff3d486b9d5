// What the techniques of container runtimes share: the runtime's own checkpoint and restore, to
// compare criu-stop-copy with.
#pragma once

#include <memory>

#include "harness/migration/technique.hpp"

namespace migbench {

/// Prepares shell and bundle on the destination. Images lie on a file system that both nodes share,
/// as they do with criu-shell. Where the restore fails the workload is restored at its source.
[[nodiscard]] std::unique_ptr<Migration> prepare_runtime_move(const MoveRequest& request);

}  // namespace migbench
