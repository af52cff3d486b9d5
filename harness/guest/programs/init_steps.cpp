#include "harness/guest/programs/init_steps.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace migbench::guest {

namespace {

void make_directories(const std::string& path) {
  for (std::size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1))
    ::mkdir(path.substr(0, at).c_str(), 0755);
  ::mkdir(path.c_str(), 0755);
}

void mount_at(const char* what, const std::string& where, const char* type, unsigned long flags = 0,
              const char* options = "") {
  make_directories(where);
  if (::mount(what, where.c_str(), type, flags, options) != 0 && errno != EBUSY)
    throw failure("mount " + std::string(type) + " at " + where);
}

/// /tmp of the image itself: what it has there stays, for programs may have been built below /tmp.
void mount_tmp() {
  namespace fs = std::filesystem;
  const fs::path image = "/tmp", fresh = "/tmp.new";
  mount_at("tmpfs", fresh, "tmpfs", 0, "mode=1777");
  make_directories(image);
  for (const auto& entry : fs::directory_iterator(image))
    fs::copy(entry.path(), fresh / entry.path().filename(),
             fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  if (::mount(fresh.c_str(), image.c_str(), nullptr, MS_MOVE, nullptr) != 0)
    throw failure("mount tmpfs at /tmp");
}

void mount_system(const std::string& root) {
  mount_at("proc", root + "/proc", "proc");
  mount_at("sysfs", root + "/sys", "sysfs");
  mount_at("devtmpfs", root + "/dev", "devtmpfs");
  mount_at("devpts", root + "/dev/pts", "devpts");
  mount_at("tmpfs", root + "/dev/shm", "tmpfs", 0, "mode=1777");
  if (root.empty())
    mount_tmp();
  else
    mount_at("tmpfs", root + "/tmp", "tmpfs", 0, "mode=1777");
  mount_at("tmpfs", root + "/run", "tmpfs", 0, "mode=755");
}

/// What is written below `root` goes to memory from now on.
void mount_overlay(const std::string& root) {
  mount_at("tmpfs", "/overlay", "tmpfs");
  make_directories("/overlay/upper");
  make_directories("/overlay/work");
  const std::string options = "lowerdir=" + root + ",upperdir=/overlay/upper,workdir=/overlay/work";
  mount_at("overlay", root, "overlay", 0, options.c_str());
}

void set_kernel_value(const std::string& path, const std::string& value) {
  std::ofstream file(path);
  file << value << std::flush;
}

ifreq request_for(const std::string& device) {
  ifreq request{};
  device.copy(request.ifr_name, IFNAMSIZ - 1);
  return request;
}

void set_address(int socket, const InterfaceSettings& interface, unsigned long which,
                 const in_addr& value) {
  ifreq request = request_for(interface.device);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr = value;
  std::memcpy(&request.ifr_addr, &address, sizeof address);
  if (::ioctl(socket, which, &request) != 0)
    throw failure("set the address of " + interface.device);
}

void bring_up(int socket, const std::string& device) {
  ifreq request = request_for(device);
  if (::ioctl(socket, SIOCGIFFLAGS, &request) != 0) throw failure("find the interface " + device);
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  if (::ioctl(socket, SIOCSIFFLAGS, &request) != 0) throw failure("bring up " + device);
}

// Asked often, but as long as ever (3 s): a guest that is being moved answers late, and connect()
// must not fail for it.
void ask_neighbours_often(const std::string& device) {
  const std::string neighbours = "/proc/sys/net/ipv4/neigh/" + device;
  set_kernel_value(neighbours + "/retrans_time_ms", "10");
  set_kernel_value(neighbours + "/mcast_solicit", "300");
}

void configure(int socket, const InterfaceSettings& interface) {
  bring_up(socket, interface.device);
  ask_neighbours_often(interface.device);
  if (interface.address.empty()) return;
  in_addr address{};
  if (::inet_pton(AF_INET, interface.address.c_str(), &address) != 1)
    throw std::runtime_error("migbench.net=: '" + interface.address + "' is no IPv4 address");
  in_addr mask{};
  mask.s_addr =
      htonl(interface.prefix == 0 ? 0 : ~0U << static_cast<unsigned>(32 - interface.prefix));
  set_address(socket, interface, SIOCSIFADDR, address);
  set_address(socket, interface, SIOCSIFNETMASK, mask);
}

void add_default_route(int socket, const std::string& gateway) {
  rtentry route{};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  std::memcpy(&route.rt_dst, &address, sizeof address);
  std::memcpy(&route.rt_genmask, &address, sizeof address);
  if (::inet_pton(AF_INET, gateway.c_str(), &address.sin_addr) != 1)
    throw std::runtime_error("migbench.gateway=: '" + gateway + "' is no IPv4 address");
  std::memcpy(&route.rt_gateway, &address, sizeof address);
  route.rt_flags = RTF_UP | RTF_GATEWAY;
  if (::ioctl(socket, SIOCADDRT, &route) != 0) throw failure("add the route by " + gateway);
}

}  // namespace

void mount_kernel_file_systems() {
  ::umask(022);
  mount_system("");
  const int console = ::open("/dev/console", O_RDWR);
  if (console >= 0) {
    for (int stream = 0; stream < 3; ++stream)
      ::dup2(console, stream);
    if (console > 2) ::close(console);
  }
  for (const auto& [target, link] :
       {std::pair{"/proc/self/fd", "/dev/fd"}, std::pair{"/proc/self/fd/0", "/dev/stdin"},
        std::pair{"/proc/self/fd/1", "/dev/stdout"}, std::pair{"/proc/self/fd/2", "/dev/stderr"}}) {
    if (::symlink(target, link) != 0 && errno != EEXIST) throw failure(std::string("link ") + link);
  }
}

void load_modules(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) throw failure("open " + path);
    const bool loaded = ::syscall(SYS_finit_module, file, "", 0) == 0 || errno == EEXIST;
    if (!loaded) throw failure("load " + path);
    ::close(file);
    ::unlink(path.c_str());  // its pages are the initramfs's: given back to the guest
  }
}

void set_up_network(const Settings& settings) {
  if (::sethostname(settings.name.c_str(), settings.name.size()) != 0)
    throw failure("set the host name");
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) throw failure("open a socket");
  bring_up(socket, "lo");
  ask_neighbours_often("default");  // interfaces that come later: devices that are passed through
  std::ofstream hosts("/etc/hosts", std::ios::app);
  for (const InterfaceSettings& interface : settings.interfaces) {
    configure(socket, interface);
    if (!interface.address.empty()) hosts << interface.address << ' ' << settings.name << '\n';
  }
  if (!settings.gateway.empty()) add_default_route(socket, settings.gateway);
  ::close(socket);
}

void mount_shares(const Settings& settings) {
  for (const ShareSettings& share : settings.shares) {
    mount_at(share.tag.c_str(), share.path, "9p", share.read_only ? MS_RDONLY : 0,
             "trans=virtio,version=9p2000.L,msize=262144,cache=loose");
    if (share.tag != settings.root_share) continue;
    if (settings.root_overlay) mount_overlay(share.path);
    mount_system(share.path);
  }
}

}  // namespace migbench::guest
