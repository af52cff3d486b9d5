// What the techniques with CRIU share: the harness's side of a move of a container by two agents
// (harness/migration/criu/agent.hpp).
#pragma once

#include <memory>
#include <string>

#include "harness/migration/technique.hpp"

namespace migbench {

struct CriuMoveOptions {
  bool shared_images = false;     ///< images on the site's shared file system, not over the network
  bool lazy = false;              ///< post-copy
  int rounds = 0;                 ///< most pre-dumps before the dump
  Bytes threshold{};              ///< a pre-dump that wrote at most so much is the last one
  std::string image_directory{};  ///< on both nodes; empty: /dev/shm
};

/// The parameters that all of them read: "images" ("network" or "shared") and "image_directory".
/// Throws InputError.
[[nodiscard]] CriuMoveOptions criu_move_options(const nlohmann::json& parameters);

/// Whether CRIU works here and the site has containers that it can move.
[[nodiscard]] Support check_criu_move(const Site* site);

/// Prepares everything that needs no pause: the twin on the destination, both agents, their
/// connection, and a criu on either side that only waits for its request.
[[nodiscard]] std::unique_ptr<Migration> prepare_criu_move(const MoveRequest& request,
                                                           const CriuMoveOptions& options);

}  // namespace migbench
