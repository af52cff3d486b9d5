#include "harness/libvirt/daemon.hpp"

#include <csignal>
#include <fstream>
#include <thread>

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "bench/clock.hpp"
#include "bench/document.hpp"
#include "bench/program.hpp"
#include "harness/guest/files.hpp"
#include "harness/programs.hpp"

namespace migbench::libvirt {

namespace fs = std::filesystem;

namespace {

constexpr Nanoseconds kStartDeadline = std::chrono::seconds(15);

std::string uuid_of(const std::string& text) {
  const boost::uuids::name_generator_sha1 name(boost::uuids::ns::oid());
  return boost::uuids::to_string(name(text));
}

bool accepts(const fs::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.string().copy(address.sun_path, sizeof address.sun_path - 1);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected =
      ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return connected;
}

constexpr Nanoseconds kEmulatedStartDeadline = std::chrono::seconds(90);
constexpr const char* kEverywhere = "0.0.0.0";

Process start_daemon(const Node& node, const fs::path& directory, bool remote,
                     const fs::path& prefix) {
  for (const char* part : {"etc", "lib", "cache", "log", "run"})
    fs::create_directories(directory / part);
  const fs::path sockets = directory / "run";
  if ((sockets / "libvirt-sock").string().size() >= sizeof(sockaddr_un::sun_path)) {
    throw Error(fmt::format("{} is too long for a socket's path: take a shorter scratch directory",
                            sockets.string()));
  }
  write_text(directory / "etc/libvirtd.conf",
             daemon_configuration(uuid_of(directory.string()),
                                  remote ? kEverywhere : node.address(), sockets));
  write_text(directory / "etc/qemu.conf", qemu_configuration(node.address()));
  if (remote) {
    std::vector<std::string> make{"mkdir", "-p"};
    for (const char* part : {"etc", "lib", "cache", "log", "run"})
      make.push_back((directory / part).string());
    const Finished made = node.run({make}, kStartDeadline);
    if (!made.ok()) throw Error(describe(made));
    node.copy_to(directory / "etc", directory / "etc");
  }
  Command host{{find_program("migbench-libvirt-host").string(), directory.string()}};
  if (!prefix.empty()) host.argv.insert(host.argv.end(), {"--libvirt", prefix.string()});
  return node.start(host);
}

}  // namespace

Support daemon_support() {
  for (const char* program : {"libvirtd", "qemu-system-x86_64"}) {
    if (look_for_program(program).empty()) {
      return Unsupported{fmt::format("{} is not installed", program),
                         "scripts/setup.sh packages-kvm (libvirt-daemon, qemu-system-x86)"};
    }
  }
  return std::nullopt;
}

fs::path libvirt_prefix(const std::string& setting) {
  if (setting.empty()) return {};
  const fs::path prefix =
      setting == "newer" ? guest::cache_directory() / "libvirt" : fs::path(setting);
  for (const char* program : {"sbin/libvirtd", "bin/qemu-system-x86_64"}) {
    if (fs::exists(prefix / program)) continue;
    throw Error(
        fmt::format("parameter 'libvirt': {} has no {}; scripts/newer_libvirt.sh fetches "
                    "both (--prefix DIR)",
                    prefix.string(), program));
  }
  return prefix;
}

// No authentication: the daemon listens inside the site's private network only.
std::string daemon_configuration(const std::string& host_uuid, const std::string& address,
                                 const fs::path& sockets) {
  return fmt::format(
      "host_uuid = \"{}\"\nunix_sock_dir = \"{}\"\nauth_unix_rw = \"none\"\nlisten_tls = 0\n"
      "listen_tcp = 1\nlisten_addr = \"{}\"\nauth_tcp = \"none\"\nkeepalive_interval = 1\n"
      "keepalive_count = 5\nlog_outputs = \"3:stderr\"\n",
      host_uuid, sockets.string(), address);
}

// Without systemd there is no virtlogd, and everything in a node is root's anyway. QEMU shares the
// node's mounts, so libvirt's own namespace and ownership changes would only disturb shared files.
std::string qemu_configuration(const std::string& address) {
  return fmt::format(
      "user = \"root\"\ngroup = \"root\"\ndynamic_ownership = 0\nremember_owner = 0\n"
      "security_driver = \"none\"\ncgroup_controllers = []\nnamespaces = []\n"
      "stdio_handler = \"file\"\nmigration_host = \"{0}\"\nmigration_address = \"{0}\"\n"
      "keepalive_interval = 1\nkeepalive_count = 5\n",
      address);
}

Daemon::Daemon(const Node& node, const fs::path& directory, const std::string& remote_uri,
               const fs::path& prefix)
    : directory_(directory),
      uri_(remote_uri.empty() ? fmt::format("qemu+unix:///system?socket={}",
                                            (directory / "run/libvirt-sock").string())
                              : remote_uri),
      peer_uri_(fmt::format("qemu+tcp://{}/system", node.address())),
      process_(start_daemon(node, directory, !remote_uri.empty(), prefix)) {
  const Nanoseconds patience = remote_uri.empty() ? kStartDeadline : kEmulatedStartDeadline;
  const std::int64_t deadline = deadline_now_ns() + patience.count();
  const auto ready = [&] {
    if (remote_uri.empty()) return accepts(directory_ / "run/libvirt-sock");
    // It accepts only where it listens, on the machine itself.
    const std::string socket = (directory_ / "run/libvirt-sock").string();
    return node
        .run({{"virsh", "-c", "qemu+unix:///system?socket=" + socket, "uri"}}, kStartDeadline)
        .ok();
  };
  while (!ready()) {
    if (process_.running() && !interrupted() && deadline_now_ns() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      continue;
    }
    throw Error(fmt::format("libvirtd on {} did not start: {}", node.name(), last_words()));
  }
}

std::string Daemon::last_words() {
  process_.signal(SIGTERM);
  const Finished ended = process_.wait(std::chrono::seconds(5));
  return ended.err.substr(ended.err.size() - std::min<std::size_t>(ended.err.size(), 1000));
}

}  // namespace migbench::libvirt
