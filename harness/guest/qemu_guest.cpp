#include "harness/guest/qemu_guest.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/clock.hpp"
#include "bench/error.hpp"
#include "harness/guest/agent_frames.hpp"
#include "harness/guest/console.hpp"
#include "harness/programs.hpp"

namespace migbench::guest {

namespace {

/// A port of 127.0.0.1 that was free a moment ago.
int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) throw system_error("open a socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool bound = ::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  if (!bound) throw system_error("find a free port");
  ::close(socket);
  return ntohs(address.sin_port);
}

// The addresses that QEMU's user network gives: gateway .2, the first guest .15.
constexpr const char* kUserAddress = "10.0.2.15";

std::string command_line(const QemuOptions& options) {
  GuestSettings settings;
  settings.name = options.name;
  settings.interfaces.push_back({"eth0", std::string(kUserAddress) + "/24"});
  settings.interfaces.insert(settings.interfaces.end(), options.interfaces.begin(),
                             options.interfaces.end());
  settings.extra = options.kernel_options;
  return kernel_command_line(settings);
}

std::vector<Forward> forwards_for(const QemuOptions& options) {
  std::vector<Forward> forwards{{free_port(), agent::kDefaultPort}};
  for (const int port : options.forwarded)
    forwards.push_back({free_port(), port});
  return forwards;
}

}  // namespace

Command qemu_command(const GuestImage& image, const QemuOptions& options,
                     const std::vector<Forward>& forwards) {
  std::string network = "user,id=agent,restrict=on";
  for (const auto& [here, there] : forwards)
    network += fmt::format(",hostfwd=tcp:127.0.0.1:{}-{}:{}", here, kUserAddress, there);
  std::vector<std::string> argv{find_program(options.program).string(),
                                "-nodefaults",
                                "-no-user-config",
                                "-display",
                                "none",
                                "-no-reboot",
                                "-serial",
                                "stdio",
                                "-M",
                                options.machine,
                                "-accel",
                                options.kvm ? "kvm" : "tcg,thread=multi",
                                "-cpu",
                                options.kvm ? "host" : options.cpu,
                                "-m",
                                fmt::format("{}M", options.memory.count >> 20U),
                                "-smp",
                                std::to_string(options.vcpus),
                                "-kernel",
                                image.boot.string(),
                                "-initrd",
                                image.initramfs.string(),
                                "-append",
                                command_line(options),
                                "-netdev",
                                network,
                                "-device",
                                "virtio-net-pci,netdev=agent,romfile="};
  if (options.icount_shift) {
    argv[11] = "tcg,thread=single";  // instruction counting knows no threads
    argv.insert(argv.end(), {"-icount", fmt::format("shift={},sleep=off", *options.icount_shift)});
  }
  for (const HostShare& share : options.shares) {
    argv.insert(argv.end(),
                {"-fsdev",
                 fmt::format("local,id={0},path={1},security_model=none,multidevs=remap{2}",
                             share.tag, share.path.string(), share.read_only ? ",readonly=on" : ""),
                 "-device", fmt::format("virtio-9p-pci,fsdev={0},mount_tag={0}", share.tag)});
  }
  argv.insert(argv.end(), options.extra.begin(), options.extra.end());
  return {argv};
}

QemuGuest::QemuGuest(const GuestImage& image, const QemuOptions& options)
    : options_(options),
      forwards_(forwards_for(options)),
      start_ns_(deadline_now_ns()),
      process_(Process::start(qemu_command(image, options, forwards_))),
      address_(fmt::format("127.0.0.1:{}", forwards_.front().here)),
      access_{Access::Way::agent, address_, nullptr, {}} {}

QemuGuest::QemuGuest(const GuestImage& image, const QemuOptions& options, Nanoseconds deadline)
    : QemuGuest(image, options) {
  wait_until_up(deadline);
}

void QemuGuest::wait_until_up(Nanoseconds deadline) {
  if (!process_.wait_for_output("migbench: guest ready", deadline)) {
    const Finished ended = process_.wait(std::chrono::milliseconds(1));
    throw Error(fmt::format("the guest {} did not boot within {}: {}; {}", options_.name,
                            format_duration(deadline), explain_console(ended.out),
                            describe(ended)));
  }
  boot_ = Nanoseconds{deadline_now_ns() - start_ns_};
  wait_until_ready(access_, std::chrono::seconds(10));
}

int QemuGuest::port_of(int guest_port) const {
  for (const auto& [here, there] : forwards_) {
    if (there == guest_port) return here;
  }
  throw Error(fmt::format("port {} of the guest {} is not forwarded", guest_port, options_.name));
}

QemuGuest::~QemuGuest() = default;  // the process ends with its object

Command QemuGuest::enter(const Command& command) const {
  return guest::enter(access_, command);
}

void QemuGuest::copy_to(const std::filesystem::path& here,
                        const std::filesystem::path& there) const {
  guest::copy_to(access_, here, there);
}

void QemuGuest::copy_from(const std::filesystem::path& there,
                          const std::filesystem::path& here) const {
  guest::copy_from(access_, there, here);
}

}  // namespace migbench::guest
