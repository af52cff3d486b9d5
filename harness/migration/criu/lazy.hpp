// Post-copy: the destination's workload runs before its pages are there, and each is fetched when
// it is touched (userfaultfd), the rest in the background.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <sys/types.h>

#include "bench/units.hpp"
#include "harness/migration/criu/workspace.hpp"

namespace migbench::criu {

/// The page connection joins the two criu processes directly. It is made by the agents, in the
/// nodes' own network, since the source's criu is inside the container's, which is shut.
/// Sends the token and leaves the socket as CRIU wants it: blocking, without Nagle's delay.
void prepare_page_connection(int socket, const std::string& token);
/// The other end of that. Throws Error where the token is another.
void accept_page_connection(int socket, const std::string& token, std::int64_t deadline_ns);

/// A configuration file that names the page connection to CRIU, for which RPC has no field: the
/// first descriptor that Service keeps for it. Returns its path.
[[nodiscard]] std::string write_page_config(const Workspace& workspace);

/// `criu lazy-pages` on the destination.
class LazyPages {
 public:
  /// Starts it and waits until it can take the restored processes. `inventory`: that image, which
  /// is a pipe among the others. Throws Error with its log.
  LazyPages(const std::string& program, const Workspace& workspace, const std::string& inventory,
            int page_socket, std::int64_t deadline_ns);
  ~LazyPages();
  LazyPages(const LazyPages&) = delete;
  LazyPages& operator=(const LazyPages&) = delete;

  /// Readable when it has ended.
  [[nodiscard]] int descriptor() const noexcept { return end_.get(); }
  /// To be called when it has ended: whether every page has come.
  [[nodiscard]] bool complete();

 private:
  pid_t pid_ = -1;
  UniqueFd end_;
};

}  // namespace migbench::criu
