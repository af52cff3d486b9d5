// The TCP connection between the two agents of a move: images one way, and the few words by which
// they agree on where the workload goes on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/site/unique_fd.hpp"

namespace migbench::criu {

enum class Word : std::uint32_t {
  hello = 1,  ///< source: the token that the harness gave to both
  file,       ///< source: an image of the number `file` begins; its name
  data,       ///< source: more of that image
  dump,       ///< source: the pre-dumps are over; what follows is of the dump
  complete,   ///< source: every image has been sent
  restored,   ///< destination: all is restored and stopped; commit or abort
  commit,     ///< source: its own copy is dead, go on
  resumed,    ///< destination: it runs
  abort,      ///< either: why
};

/// What precedes every message, in the order of this machine's bytes: agents of one program on one
/// architecture talk here, and CRIU's images depend on that too.
struct Head {
  Word word{};
  std::uint32_t file = 0;
  std::uint64_t size = 0;
};

/// The largest `size` that is believed: anything above is not from an agent.
inline constexpr std::uint64_t kMostData = 4UL << 20U;

class Channel {
 public:
  explicit Channel(UniqueFd socket);
  [[nodiscard]] int descriptor() const noexcept { return socket_.get(); }

  /// Throws Error where the connection broke, nothing could be sent until `deadline_ns`, or
  /// something arrived at `cancel` (the control line: the harness says abort, or is dead).
  void send(Head head, std::string_view body, std::int64_t deadline_ns, int cancel);
  /// The next head and its whole body; empty at the end of the connection. `body` is overwritten.
  [[nodiscard]] std::optional<Head> receive(std::string& body, std::int64_t deadline_ns,
                                            int cancel);

 private:
  bool wait(short events, std::int64_t deadline_ns, int cancel) const;
  bool read_fully(char* to, std::size_t size, std::int64_t deadline_ns, int cancel);
  UniqueFd socket_;
};

/// A socket that listens at `address`, any port.
[[nodiscard]] UniqueFd listen_at(const std::string& address);
[[nodiscard]] int port_of(int socket);
/// Throws Error that names the address.
[[nodiscard]] UniqueFd connect_to(const std::string& address, int port, std::int64_t deadline_ns);

}  // namespace migbench::criu
