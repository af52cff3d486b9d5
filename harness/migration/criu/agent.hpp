// The two agents of a move: one on the source node, one on the destination. They talk to each other
// over one TCP connection and each to the harness over its standard streams.
//
//   harness                source agent                     destination agent
//   settings, "go"    ->   criu dump: freeze, write     ->  writes images as they come; its criu
//                                                           restore was started before the freeze
//                          "complete"                   ->  restore: all there, all stopped
//                          kills its own, stopped copy  <-  "restored"
//                          "commit"                     ->  opens the port, lets the copy run
//   events            <-                                <-  "resumed"
//
// Until "commit" either side can give up, or die: then the destination's copy is killed and the
// source's criu, which still holds the workload frozen, lets it run on. From "commit" on the
// source's copy is dead. So there are never two live copies, and the workload is lost only where
// the network is cut while "commit" is on its way and the harness is dead, too.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/units.hpp"
#include "harness/migration/criu/control.hpp"
#include "harness/migration/criu/rpc.hpp"

namespace migbench::criu {

/// What both sides are told, as a JSON line.
struct AgentSettings {
  std::string criu;             ///< program
  std::string token;            ///< both agents of one move have the same
  std::string image_directory;  ///< parent of the image directory, best in memory
  std::string shared_images{};  ///< name below image_directory, where both see it; else empty
  bool lazy = false;            ///< pages follow when they are asked for
  int rounds = 0;  ///< source: most pre-dumps before the dump; both: whether there are any
  std::uint64_t threshold =
      0;  ///< source: bytes; no more pre-dumps after one that wrote at most so much
  std::vector<std::string> namespaces;  ///< paths of those that criu enters
  std::vector<std::string> external{};
  std::string root{};  ///< destination: where the container's file tree is mounted
  std::vector<std::pair<std::string, std::string>> inherit{};  ///< key and path to be opened for it
  NetworkLock network_lock = NetworkLock::nftables;
  std::string port{};                 ///< bridge port to shut or open; empty: none
  std::string address{};              ///< one that goes along, see MovingAddress; empty: none
  std::string link{};                 ///< on which it is
  nlohmann::json announce = nullptr;  ///< for make_announcer(); null: none
  std::string peer{};                 ///< source: the destination's address
  int peer_port = 0;                  ///< source: and port
  std::string listen{};               ///< destination: own address
  /// source: directories of the node's own; what the tree uses below them goes with it
  std::vector<std::string> carry{};
  pid_t pid = 0;                                   ///< source: root of the tree
  Nanoseconds deadline{std::chrono::seconds{60}};  ///< from "go" on
  int log_level = 2;
};

[[nodiscard]] nlohmann::json to_json(const AgentSettings& settings);
/// Throws InputError for what is missing.
[[nodiscard]] AgentSettings agent_settings(const nlohmann::json& line);

/// Both serve one move and return when it is over, whatever came of it; they say what it was in
/// their events. The harness's going away is an order to give up.
void serve_source(const AgentSettings& settings, Control& control);
void serve_destination(const AgentSettings& settings, Control& control);

}  // namespace migbench::criu
