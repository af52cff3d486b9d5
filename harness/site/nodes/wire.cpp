#include "harness/site/nodes/wire.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "bench/error.hpp"

namespace migbench {
namespace {

void put(std::string& bytes, const char* key, const std::string& value) {
  bytes += key;
  bytes += '=';
  bytes += value;
  bytes += '\0';
}

int number(const std::string& text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    throw Error("exec request: '" + text + "' is no number");
  return value;
}

sockaddr_un path_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    throw Error(fmt::format("{}: too long for a socket's path ({} characters at most)", path,
                            sizeof address.sun_path - 1));
  std::copy(path.begin(), path.end(), std::begin(address.sun_path));
  return address;
}

UniqueFd stream_socket() {
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) throw system_error("socket");
  return socket;
}

}  // namespace

std::string pack(const ExecRequest& request) {
  std::string bytes;
  for (const auto& word : request.argv)
    put(bytes, "argv", word);
  for (const auto& entry : request.env)
    put(bytes, "env", entry);
  put(bytes, "directory", request.directory);
  put(bytes, "directory_needed", request.directory_needed ? "1" : "0");
  put(bytes, "container", request.container);
  put(bytes, "init", request.init);
  put(bytes, "cgroup", request.cgroup);
  put(bytes, "in", request.in);
  put(bytes, "out", request.out);
  put(bytes, "err", request.err);
  put(bytes, "signal", std::to_string(request.signal));
  put(bytes, "target", std::to_string(request.target));
  return bytes;
}

ExecRequest unpack(const std::string& bytes) {
  ExecRequest request;
  for (std::size_t begin = 0; begin < bytes.size();) {
    const auto end = bytes.find('\0', begin);
    const auto equals = bytes.find('=', begin);
    if (end == std::string::npos || equals == std::string::npos || equals > end)
      throw Error("exec request: a field without a name or an end");
    const std::string key = bytes.substr(begin, equals - begin);
    std::string value = bytes.substr(equals + 1, end - equals - 1);
    begin = end + 1;
    if (key == "argv")
      request.argv.push_back(std::move(value));
    else if (key == "env")
      request.env.push_back(std::move(value));
    else if (key == "directory")
      request.directory = std::move(value);
    else if (key == "directory_needed")
      request.directory_needed = value == "1";
    else if (key == "container")
      request.container = std::move(value);
    else if (key == "init")
      request.init = std::move(value);
    else if (key == "cgroup")
      request.cgroup = std::move(value);
    else if (key == "in")
      request.in = std::move(value);
    else if (key == "out")
      request.out = std::move(value);
    else if (key == "err")
      request.err = std::move(value);
    else if (key == "signal")
      request.signal = number(value);
    else if (key == "target")
      request.target = number(value);
    else
      throw Error("exec request: unknown field '" + key + "'");
  }
  if (request.argv.empty() && request.signal == 0) throw Error("exec request: no program");
  return request;
}

bool read_all(int fd, void* data, std::size_t size) {
  auto* at = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t got = ::read(fd, at, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

bool write_all(int fd, const void* data, std::size_t size) {
  const auto* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t wrote = ::write(fd, at, size);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    at += wrote;
    size -= static_cast<std::size_t>(wrote);
  }
  return true;
}

void send_request(int socket, const ExecRequest& request, const std::vector<int>& descriptors) {
  const std::string body = pack(request);
  ExecHeader header;
  header.bytes = static_cast<std::uint32_t>(body.size());
  if (body.size() > ExecHeader::kMostBytes) throw Error("exec request: larger than 16 MiB");

  iovec data{&header, sizeof header};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(3 * sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  const std::size_t bytes = std::min<std::size_t>(descriptors.size(), 3) * sizeof(int);
  if (bytes > 0) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(bytes);
    cmsghdr* rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(bytes);
    std::memcpy(CMSG_DATA(rights), descriptors.data(), bytes);
  }
  if (::sendmsg(socket, &message, MSG_NOSIGNAL) != static_cast<ssize_t>(sizeof header) ||
      !write_all(socket, body.data(), body.size()))
    throw system_error("send a command to the node", "is the site still up?");
}

UniqueFd connect_path(const std::string& path) {
  UniqueFd socket = stream_socket();
  const sockaddr_un address = path_address(path);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw system_error("connect to " + path, "is the site still up?");
  return socket;
}

UniqueFd listen_path(const std::string& path) {
  UniqueFd socket = stream_socket();
  const sockaddr_un address = path_address(path);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(socket.get(), 128) != 0)
    throw system_error("listen at " + path);
  return socket;
}

}  // namespace migbench
