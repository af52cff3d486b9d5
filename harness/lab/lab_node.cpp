#include <algorithm>
#include <array>
#include <sstream>

#include <fmt/format.h>

#include "harness/lab/lab_host.hpp"
#include "harness/lab/lab_site.hpp"
#include "harness/lab/soft_roce.hpp"

namespace migbench::lab {

namespace fs = std::filesystem;

namespace {

constexpr Nanoseconds kCommandDeadline = std::chrono::seconds(60);

/// Directories of the node's own: all else is this machine's, as it was when the node booted.
bool is_own(const fs::path& path) {
  const std::string text = path.string();
  constexpr std::array<std::string_view, 3> kOwn{"/tmp/", "/run/", "/dev/"};
  return std::any_of(kOwn.begin(), kOwn.end(),
                     [&](std::string_view own) { return text.rfind(own, 0) == 0; });
}

}  // namespace

std::string card_address(const std::string& address) {
  return "10.78.0" + address.substr(address.rfind('.'));
}

namespace {

/// Free for the card itself and for guests: nodes have 11 and on, guests 101 and on.
std::string bridge_address(const std::string& address) {
  return fmt::format("10.78.0.{}", 50 + std::stoi(address.substr(address.rfind('.') + 1)));
}

}  // namespace

LabNode::LabNode(std::string name, std::string address, std::unique_ptr<guest::QemuGuest> guest)
    : name_(std::move(name)), address_(std::move(address)), guest_(std::move(guest)) {}

Command LabNode::enter(const Command& command) const {
  return guest_->enter(command);
}

void LabNode::copy_to(const fs::path& here, const fs::path& there) const {
  if (here != there || is_own(there)) guest_->copy_to(here, there);
}

void LabNode::copy_from(const fs::path& there, const fs::path& here) const {
  guest_->copy_from(there, here);
}

std::string LabNode::sh(const std::string& script) const {
  const Finished finished = run({{"sh", "-c", script}}, kCommandDeadline);
  if (!finished.ok()) throw Error(fmt::format("{}: {}", name_, describe(finished)));
  return finished.out;
}

void LabNode::set_up() {
  sh(
      fmt::format("set -e; test -c /dev/kvm; ip link add br0 type bridge; "
                  "ip link set {0} master br0; ip link set br0 up; "
                  "ip address add {1}/{2} dev br0; ip link set {3} down; "
                  "for i in br0 {0} {3}; do cd /proc/sys/net/ipv4/neigh/$i; "
                  "echo 10 >retrans_time_ms; echo 300 >mcast_solicit; done; "
                  "echo '127.0.0.1 localhost' >/etc/hosts",
                  kBridgedCard, address_, kPrefix, kCard));
  std::istringstream told(
      sh("uname -r; nproc; sed -n 's/^model name.*: //p' /proc/cpuinfo | "
         "head -n 1; sed -n 's/^MemTotal: *\\([0-9]*\\).*/\\1/p' /proc/meminfo"));
  std::string kernel, model;
  int processors = 0;
  std::uint64_t kibibytes = 0;
  std::getline(told, kernel);
  told >> processors >> std::ws;
  std::getline(told, model);
  told >> kibibytes;
  facts_ = {{"name", name_},
            {"address", address_},
            {"virtual", true},
            {"boot_ns", guest_->boot_time().count()},
            {"host",
             {{"hostname", name_},
              {"kernel", kernel},
              {"cpu", {{"model", model}, {"logical", processors}}},
              {"memory_bytes", kibibytes * 1024}}}};
}

void LabNode::join_networks() const {
  sh(fmt::format("ip address add {}/{} dev br0", bridge_address(address_), kPrefix));
}

std::string LabNode::libvirt_uri() const {
  return fmt::format("qemu+tcp://127.0.0.1:{}/system", guest_->port_of(kLibvirtPort));
}

void LabNode::know(const LabNode& other) {
  neighbours_ += fmt::format("ip neigh replace {} lladdr {} dev {} nud permanent\n",
                             card_address(other.address()), card_mac(other.name(), 0), kCard);
}

void LabNode::use_card() const {
  make_soft_roce(*this, kCard, fmt::format("{}/{}", card_address(address_), kPrefix));
  sh(neighbours_);
}

CardInUse::CardInUse(const LabNode& node) : node_(node) {
  try {
    node.use_card();
  } catch (const Error&) {
    remove_soft_roce(node, kCard);
    throw;
  }
}

CardInUse::~CardInUse() {
  try {
    remove_soft_roce(node_, kCard);
  } catch (const std::exception& failed) {
    fmt::print(stderr, "migbench: {}\n", failed.what());
  }
}

}  // namespace migbench::lab
