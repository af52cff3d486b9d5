// What the exec agent in a guest and its client say to each other over one TCP connection a
// command.
//
// The client sends one request frame (JSON), then input; the agent answers with output and one exit
// frame. A frame is a header of five bytes (kind, then the length of the body as four bytes, most
// significant first) and the body. No dependency but POSIX: the agent is a static program.
#pragma once

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <unistd.h>

namespace migbench::agent {

inline constexpr std::uint16_t kDefaultPort = 7711;
inline constexpr std::uint32_t kLargestBody = 1U << 20U;

enum class Kind : std::uint8_t {
  request = 1,  ///< client: {"argv", "env", "directory"} or {"put", "mode"} or {"get"} or {"ping"}
  input = 2,    ///< client: bytes for standard input
  end_of_input = 3,
  signal = 4,  ///< client: one byte, the signal for the command's process group
  output = 5,  ///< agent: bytes of standard output
  error = 6,   ///< agent: bytes of standard error
  exit = 7,    ///< agent: one byte, the exit status (128 + n where signal n ended it)
};

struct Frame {
  Kind kind{};
  std::string body;
};

/// False where the peer is gone (errno says how).
[[nodiscard]] inline bool write_all(int descriptor, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t written = ::write(descriptor, data, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    data += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

[[nodiscard]] inline bool read_all(int descriptor, char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t got = ::read(descriptor, data, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    data += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

[[nodiscard]] inline std::string encode(Kind kind, std::string_view body) {
  std::string bytes;
  bytes.reserve(body.size() + 5);
  bytes.push_back(static_cast<char>(kind));
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>((body.size() >> static_cast<unsigned>(shift)) & 0xffU));
  }
  bytes.append(body);
  return bytes;
}

[[nodiscard]] inline bool send_frame(int descriptor, Kind kind, std::string_view body = {}) {
  const std::string bytes = encode(kind, body);
  return write_all(descriptor, bytes.data(), bytes.size());
}

/// Waits for one whole frame. False at the end of the connection and for a length that no peer of
/// ours sends.
[[nodiscard]] inline bool receive_frame(int descriptor, Frame& frame) {
  std::array<char, 5> header{};
  if (!read_all(descriptor, header.data(), header.size())) return false;
  std::uint32_t length = 0;
  for (std::size_t i = 1; i < header.size(); ++i) {
    length = (length << 8U) | static_cast<std::uint8_t>(header[i]);
  }
  if (length > kLargestBody) return false;
  frame.kind = static_cast<Kind>(header[0]);
  frame.body.resize(length);
  return read_all(descriptor, frame.body.data(), length);
}

}  // namespace migbench::agent
