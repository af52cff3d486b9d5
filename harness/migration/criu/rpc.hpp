// CRIU's RPC (images/rpc.proto of CRIU): one request to a `criu swrk` process that was started
// beforehand, its notifications, and its answer.
//
// A command line would start CRIU only when it is needed and run a shell for every notification;
// this way the program is loaded, linked and in its namespaces before the workload is frozen.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "bench/units.hpp"
#include "harness/site/unique_fd.hpp"

namespace migbench::criu {

/// How packets of the dumped TCP connections are kept from getting an RST meanwhile.
enum class NetworkLock { iptables = 1, nftables = 2, skip = 3 };

/// Of both dump and restore; what does not apply is left alone.
struct Options {
  int images_dir = -1;  ///< descriptor of the image directory, open in this process
  int work_dir = -1;    ///< where log and statistics go; -1: the image directory
  std::string log_file;
  int log_level = 2;
  pid_t pid = 0;  ///< of the tree to dump, as CRIU sees it
  std::string root{};
  std::vector<std::string> external{};
  std::vector<std::pair<std::string, int>> inherit_fd{};  ///< key and descriptor in CRIU's process
  NetworkLock network_lock = NetworkLock::nftables;
  bool leave_running = false;
  bool lazy_pages = false;
  bool track_memory = false;
  std::string
      parent_images{};        ///< of the pre-dump before this one, relative to the image directory
  std::string config_file{};  ///< for options that RPC has no field for; empty: none
};

enum class Request { dump = 1, restore = 2, pre_dump = 13, feature_check = 9, version = 10 };

/// What CRIU said: a notification, which it waits to be answered, or its last word.
struct Message {
  bool last = false;
  bool success = false;
  std::string notification{};  ///< "pre-dump", "network-lock", "post-dump", "post-restore" ...
  pid_t pid = 0;               ///< of the restored tree's root, as CRIU sees it
  int error = 0;               ///< errno as CRIU saw it, 0 where it did not say
  std::string error_text{};
  bool feature_memory_tracking = false;
  bool feature_lazy_pages = false;
  std::string version{};
};

/// Makes `message` from a CriuResp. Throws Error for what is none.
[[nodiscard]] Message parse_response(const std::string& bytes);

/// The CriuReq of one request.
[[nodiscard]] std::string make_request(Request request, const Options& options = {});

/// One `criu swrk`. The calling process must be single-threaded when it makes one.
class Service {
 public:
  static constexpr int kFirstKept = 10;
  /// `namespaces`: descriptors of namespaces that it is to be in. `keep`: descriptors that it gets
  /// as numbers kFirstKept, kFirstKept + 1 ... Throws Error where it cannot be started.
  Service(const std::string& program, const std::vector<int>& namespaces,
          const std::vector<int>& keep = {});
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  /// Readable when there is a message.
  [[nodiscard]] int descriptor() const noexcept { return socket_.get(); }
  void send(const std::string& request);
  /// Empty where CRIU went away. Blocks.
  [[nodiscard]] std::optional<Message> receive();
  /// Answers a notification.
  void answer(bool success);
  /// Tells CRIU by a closed socket that nobody listens any more: a dump that waits for an answer is
  /// given up and the workload goes on.
  void hang_up() noexcept { socket_.reset(); }
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// Whether it ended within `patience`.
  [[nodiscard]] bool wait(Nanoseconds patience);
  /// The last resort. A workload that is being dumped may not survive this.
  void kill() noexcept;

 private:
  UniqueFd socket_;
  pid_t pid_ = -1;
  bool reaped_ = false;
};

}  // namespace migbench::criu
