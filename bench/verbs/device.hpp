// The RDMA devices of this machine: choosing one, its port and its GID, and saying what it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "bench/verbs/control.hpp"
#include "bench/verbs/objects.hpp"

namespace migbench::verbs {

/// What the user asked for; empty: chosen here.
struct DeviceChoice {
  std::string device{};  ///< "mlx5_0"; empty: the first with an active port
  int port = 0;          ///< 0: the first that is active
  std::optional<int> gid_index{};
  std::string roce{};  ///< "v1", "v2"; empty: v2 where there is one
};

/// One entry of a port's GID table.
struct Gid {
  int index = 0;
  ibv_gid value{};
  std::string type{};  ///< "IB", "RoCE v1", "RoCE v2"
  [[nodiscard]] std::string text() const;
};

/// An opened port. Where the context belongs to librdmacm it is only borrowed.
struct Port {
  Context own{};
  ibv_context* context = nullptr;
  int number = 1;
  ibv_port_attr attributes{};
  Gid gid{};
  bool global = false;  ///< addressed by GID (RoCE, or a GID index was given), not by LID
  [[nodiscard]] std::string device() const;
};

/// Opens the device and port of this choice. `local`: the address that the peer is reached from; a
/// GID made of it is preferred. Throws Error where there is no device, InputError for a choice that
/// it does not have, both with what there is.
[[nodiscard]] Port open_port(const DeviceChoice& choice, const SocketAddress& local);
/// The port that librdmacm has chosen.
[[nodiscard]] Port borrowed_port(ibv_context* context, int number, const DeviceChoice& choice,
                                 const SocketAddress& local);

/// {"name", "driver", "firmware", "vendor_id", "part_id", "node_guid", "link_layer", "state",
/// "mtu", "rate_gbps", "lid", "gid", "gid_index", "gid_type", "netdev", "pci", "virtual_function",
/// "emulated"}: what cannot be read is null.
[[nodiscard]] nlohmann::json describe(const Port& port);

/// The device's own counters of this port (sysfs counters and hw_counters), by name.
[[nodiscard]] nlohmann::json read_counters(const Port& port);
/// after - before, those that changed.
[[nodiscard]] nlohmann::json counter_changes(const nlohmann::json& before,
                                             const nlohmann::json& after);

/// Every device with its ports and GIDs, one line each: what --list prints.
[[nodiscard]] std::string list_devices();

/// "512" ... "4096" bytes from and to the enumeration of the InfiniBand specification.
[[nodiscard]] int mtu_bytes(ibv_mtu mtu);
[[nodiscard]] ibv_mtu mtu_of(int bytes);

}  // namespace migbench::verbs
