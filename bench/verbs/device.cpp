#include "bench/verbs/device.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "bench/error.hpp"
#include "bench/verbs/call.hpp"

namespace migbench::verbs {
namespace {

const char* const kNoDevice =
    "this machine has no RDMA device; load the driver of its card (rdma link shows what is there), "
    "or make a software one: modprobe rdma_rxe && rdma link add rxe0 type rxe netdev eth0";

struct Devices {
  Devices() {
    int found = 0;
    list.reset(::ibv_get_device_list(&found));
    count = list ? static_cast<std::size_t>(found) : 0;
  }
  DeviceList list{};
  std::size_t count = 0;
};

std::string names(const Devices& devices) {
  std::string all;
  for (std::size_t i = 0; i < devices.count; ++i)
    all += (all.empty() ? "" : ", ") + std::string(::ibv_get_device_name(devices.list.get()[i]));
  return all;
}

Context open(ibv_device* device) {
  return Context(made(::ibv_open_device(device), "ibv_open_device",
                      fmt::format(" {}", ::ibv_get_device_name(device))));
}

ibv_port_attr query(ibv_context* context, int port) {
  ibv_port_attr attributes{};
  check(::ibv_query_port(context, static_cast<std::uint8_t>(port), &attributes), "ibv_query_port",
        fmt::format(" {} of {}", port, ::ibv_get_device_name(context->device)));
  return attributes;
}

int port_count(ibv_context* context) {
  ibv_device_attr attributes{};
  check(::ibv_query_device(context, &attributes), "ibv_query_device");
  return attributes.phys_port_cnt;
}

std::optional<int> active_port(ibv_context* context) {
  for (int port = 1; port <= port_count(context); ++port)
    if (query(context, port).state == IBV_PORT_ACTIVE) return port;
  return std::nullopt;
}

/// The named device, or the first with an active port.
Context choose_device(const DeviceChoice& choice) {
  const Devices devices;
  if (devices.count == 0) throw Error(kNoDevice);
  std::string inactive;
  for (std::size_t i = 0; i < devices.count; ++i) {
    ibv_device* device = devices.list.get()[i];
    if (!choice.device.empty()) {
      if (choice.device == ::ibv_get_device_name(device)) return open(device);
      continue;
    }
    Context context = open(device);
    if (active_port(context.get())) return context;
  }
  if (!choice.device.empty()) {
    throw InputError(fmt::format("--device {}: there is no such RDMA device; there are: {}",
                                 choice.device, names(devices)));
  }
  throw Error(fmt::format("no port of {} is active: bring the link up (rdma link shows its state)",
                          names(devices)));
}

int choose_port(ibv_context* context, const DeviceChoice& choice) {
  const std::string device = ::ibv_get_device_name(context->device);
  if (choice.port > port_count(context))
    throw InputError(
        fmt::format("--ib-port {}: {} has {} port(s)", choice.port, device, port_count(context)));
  if (choice.port > 0) {
    const ibv_port_attr attributes = query(context, choice.port);
    if (attributes.state == IBV_PORT_ACTIVE) return choice.port;
    throw Error(fmt::format("port {} of {} is {}: bring the link up", choice.port, device,
                            ::ibv_port_state_str(attributes.state)));
  }
  if (const auto port = active_port(context)) return *port;
  throw Error(fmt::format("no port of {} is active: bring the link up", device));
}

std::vector<Gid> read_gids(ibv_context* context, int port) {
  std::vector<ibv_gid_entry> entries(1024);
  const ssize_t count = ::ibv_query_gid_table(context, entries.data(), entries.size(), 0);
  if (count < 0) throw call_error("ibv_query_gid_table", static_cast<int>(-count));
  static const std::array<const char*, 3> types{"IB", "RoCE v1", "RoCE v2"};
  std::vector<Gid> gids;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    const ibv_gid_entry& entry = entries[i];
    if (entry.port_num != static_cast<std::uint32_t>(port)) continue;
    const auto type = std::min<std::size_t>(entry.gid_type, types.size() - 1);
    gids.push_back({static_cast<int>(entry.gid_index), entry.gid, types.at(type)});
  }
  return gids;
}

/// An IPv6 address, or an IPv4 one as IPv6 writes it (::ffff:a.b.c.d): RoCE's GIDs are made so.
ibv_gid gid_of(const SocketAddress& address) {
  ibv_gid gid{};
  if (address.storage.ss_family == AF_INET6) {
    std::memcpy(gid.raw, &reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_addr, 16);
  } else {
    gid.raw[10] = gid.raw[11] = 0xff;
    std::memcpy(gid.raw + 12, &reinterpret_cast<const sockaddr_in*>(&address.storage)->sin_addr, 4);
  }
  return gid;
}

std::string gid_list(const std::vector<Gid>& gids) {
  std::string all;
  for (const Gid& gid : gids)
    all += fmt::format("{}{} ({} {})", all.empty() ? "" : ", ", gid.index, gid.type, gid.text());
  return all.empty() ? "none" : all;
}

Gid choose_gid(const Port& port, const DeviceChoice& choice, const SocketAddress& local) {
  const std::vector<Gid> gids = read_gids(port.context, port.number);
  const auto refuse = [&](const std::string& asked) {
    throw InputError(fmt::format("{}: port {} of {} has no such GID; it has: {}", asked,
                                 port.number, port.device(), gid_list(gids)));
  };
  if (choice.gid_index) {
    const auto found = std::find_if(gids.begin(), gids.end(),
                                    [&](const Gid& gid) { return gid.index == *choice.gid_index; });
    if (found == gids.end()) refuse(fmt::format("--gid-index {}", *choice.gid_index));
    return *found;
  }
  const std::string type = "RoCE " + choice.roce;
  const ibv_gid wanted = gid_of(local);
  // The best last: any, then the newer version, then one that needs no link-local address (whose
  // neighbours are not found while it is tentative), then the address that the peer is reached
  // from.
  const auto worth = [&](const Gid& gid) {
    const bool link_local = gid.value.raw[0] == 0xfe && (gid.value.raw[1] & 0xc0) == 0x80;
    return (std::memcmp(gid.value.raw, wanted.raw, sizeof wanted.raw) == 0 ? 4 : 0) +
           (link_local ? 0 : 2) + (gid.type == "RoCE v2" ? 1 : 0);
  };
  const Gid* best = nullptr;
  for (const Gid& gid : gids) {
    if (!choice.roce.empty() && gid.type != type) continue;
    if (best == nullptr || worth(gid) > worth(*best)) best = &gid;
  }
  if (best == nullptr && !choice.roce.empty()) refuse("--roce " + choice.roce);
  if (best == nullptr)
    throw Error(fmt::format("{} has no GID: has its network an address?", port.device()));
  return *best;
}

Port complete(Port port, const DeviceChoice& choice, const SocketAddress& local) {
  port.attributes = query(port.context, port.number);
  port.global = port.attributes.link_layer == IBV_LINK_LAYER_ETHERNET || choice.gid_index;
  if (port.global) port.gid = choose_gid(port, choice, local);
  return port;
}

}  // namespace

std::string Gid::text() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET6, value.raw, text.data(), text.size());
  return text.data();
}

std::string Port::device() const {
  return ::ibv_get_device_name(context->device);
}

Port open_port(const DeviceChoice& choice, const SocketAddress& local) {
  Port port;
  port.own = choose_device(choice);
  port.context = port.own.get();
  port.number = choose_port(port.context, choice);
  return complete(std::move(port), choice, local);
}

Port borrowed_port(ibv_context* context, int number, const DeviceChoice& choice,
                   const SocketAddress& local) {
  Port port;
  port.context = context;
  port.number = number;
  return complete(std::move(port), choice, local);
}

std::string list_devices() {
  const Devices devices;
  if (devices.count == 0) throw Error(kNoDevice);
  std::string text;
  for (std::size_t i = 0; i < devices.count; ++i) {
    const Context context = open(devices.list.get()[i]);
    for (int port = 1; port <= port_count(context.get()); ++port) {
      const ibv_port_attr attributes = query(context.get(), port);
      text += fmt::format(
          "{} port {}: {}, {}, MTU {} of {}\n", ::ibv_get_device_name(context->device), port,
          attributes.link_layer == IBV_LINK_LAYER_ETHERNET ? "Ethernet" : "InfiniBand",
          ::ibv_port_state_str(attributes.state), mtu_bytes(attributes.active_mtu),
          mtu_bytes(attributes.max_mtu));
      for (const Gid& gid : read_gids(context.get(), port))
        text += fmt::format("  GID {}: {} ({})\n", gid.index, gid.text(), gid.type);
    }
  }
  return text;
}

int mtu_bytes(ibv_mtu mtu) {
  return 128 << static_cast<int>(mtu);
}

ibv_mtu mtu_of(int bytes) {
  for (const ibv_mtu mtu : {IBV_MTU_256, IBV_MTU_512, IBV_MTU_1024, IBV_MTU_2048, IBV_MTU_4096})
    if (mtu_bytes(mtu) == bytes) return mtu;
  throw InputError(fmt::format("--mtu {}: write 256, 512, 1024, 2048 or 4096", bytes));
}

}  // namespace migbench::verbs
