// What migbench-exec and a node's exec server say to each other over a unix *path* socket, which
// reaches across network and process namespaces.
//
//   client -> server   Header, then `bytes` bytes of "key=value" strings, each ended by NUL; up to
//                      three descriptors with the header: standard input, output and error
//   server -> client   Reply: started, then exited; or failed
//   client -> server   std::int32_t: a signal for what was started
// The end of the connection before `exited` kills what was started.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/site/unique_fd.hpp"

namespace migbench {

struct ExecHeader {
  std::uint32_t magic = kMagic;
  std::uint32_t bytes = 0;
  static constexpr std::uint32_t kMagic = 0x6d626578;  // "mbex"
  static constexpr std::uint32_t kMostBytes = 16U << 20U;
};

struct ExecRequest {
  std::vector<std::string> argv;
  std::vector<std::string> env;   ///< "NAME=value", the whole environment
  std::string directory;          ///< to run in
  bool directory_needed = false;  ///< false: "/" where there is no such directory
  std::string container;          ///< name of a container of that node; empty: the node
  std::string init;               ///< the container's process 1 as the node sees it
  std::string cgroup;             ///< directory to be born in, or several of them, one in each
                                  ///< hierarchy, with ':' between; empty: the node's own
  std::string out = "/dev/null", err = "/dev/null",
              in = "/dev/null";  ///< in a container: files opened inside it
  int signal = 0;                ///< not 0: nothing is run, but `target` is signalled
  int target = 0;                ///< process group inside the container
};

struct ExecReply {
  enum Kind : std::int32_t { started = 1, exited = 2, failed = 3 };
  std::int32_t kind = 0;
  std::int32_t value = 0;        ///< pid as seen there, exit status, or errno
  std::array<char, 120> what{};  ///< failed: what was tried, NUL-terminated
};

[[nodiscard]] std::string pack(const ExecRequest& request);
/// Throws Error for what is no request.
[[nodiscard]] ExecRequest unpack(const std::string& bytes);

/// Header, descriptors and body. Throws Error.
void send_request(int socket, const ExecRequest& request, const std::vector<int>& descriptors);

/// All of `size` bytes; false at the end of the stream or an error.
[[nodiscard]] bool read_all(int fd, void* data, std::size_t size);
[[nodiscard]] bool write_all(int fd, const void* data, std::size_t size);

/// Connects to / listens at a path socket. Throws Error that names the path.
[[nodiscard]] UniqueFd connect_path(const std::string& path);
[[nodiscard]] UniqueFd listen_path(const std::string& path);

}  // namespace migbench
