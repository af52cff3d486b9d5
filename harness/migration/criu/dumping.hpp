// What a pre-dump and the dump at the end have in common: what CRIU is told, and waiting for its
// word while its images are sent on.
#pragma once

#include <cstdint>
#include <string>

#include "harness/migration/criu/agent.hpp"
#include "harness/migration/criu/channel.hpp"
#include "harness/migration/criu/images.hpp"
#include "harness/migration/criu/rpc.hpp"
#include "harness/migration/criu/workspace.hpp"

namespace migbench::criu {

/// `images`: the directory that is written to; `log`: a file's name among the logs.
[[nodiscard]] Options dump_options(const AgentSettings& settings, const Workspace& workspace,
                                   int images, const std::string& log);

/// Until CRIU has said something; returns how many bytes of `pages` (null: they are not streamed)
/// were sent meanwhile. Throws Error where the destination gave up, the harness asked to stop
/// (`cancel` can be read), or the deadline passed.
[[nodiscard]] std::uint64_t wait_for_service(const Service& service, PagePipes* pages,
                                             Channel& channel, std::int64_t deadline_ns,
                                             int cancel);

}  // namespace migbench::criu
