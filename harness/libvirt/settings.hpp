// The parameters of a virtual machine, as plans give them. One table says their names, their
// meaning and how they are read, so that the check, the documentation and the code cannot differ.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/units.hpp"

namespace migbench::libvirt {

struct MachineSettings {
  Bytes memory{
      256UL << 20U};  ///< "guest_memory": "256MiB" (workloads have a "memory" of their own)
  int vcpus = 1;      ///< "vcpus"
  std::string cpu{};  ///< "cpu": "host-passthrough", "host-model", "maximum" or a model
  std::string machine = "pc";             ///< "machine": QEMU's machine type
  std::vector<int> pin{};                 ///< "pin": "2,3", the host's core of each vCPU
  std::optional<Bytes> huge_pages{};      ///< "huge_pages": "2MiB"
  int nics = 1;                           ///< "nics": the first one has the guest's address
  std::string bridge = "br0";             ///< "bridge" of the nodes that the cards are plugged into
  std::filesystem::path from_template{};  ///< "template": domain XML of the user's own
  std::vector<std::filesystem::path> programs{};  ///< "programs": "/a,/b", to put into the guest
  std::string kernel_options{};                   ///< "kernel_options", added to the command line
  std::filesystem::path image{};  ///< "image": a qcow2 that boots by itself, on shared storage
  std::string ssh{};              ///< "ssh": "root@10.1.2.3", how such a guest is reached
  bool shared_storage = false;    ///< "shared_storage": it is, though libvirt cannot tell
  std::string guest_address{};    ///< "guest_address": of an image, or outside the local site
  std::string uri{};              ///< "uri": of the hypervisors, with {name} and {address}
  std::string libvirt{};   ///< "libvirt" of virtual nodes: "system", "newer" or its directory
  bool soft_roce = false;  ///< "soft_roce": an RDMA device over the first card
  std::string acceleration = "auto";  ///< "acceleration": "auto" (tried), "kvm" or "tcg"
};

/// Their names, for Environment::parameters().
[[nodiscard]] std::vector<std::string_view> machine_parameters();

/// The parameters of one of the machines of a trial: "image", "ssh" and "guest_address" are then
/// lists, "10.1.2.3,10.1.2.4". Throws InputError where there are fewer than machines.
[[nodiscard]] nlohmann::json share_of(const nlohmann::json& parameters, std::size_t machine,
                                      std::size_t machines);

/// Other parameters are left alone. Throws InputError that names the parameter.
[[nodiscard]] MachineSettings machine_settings(const nlohmann::json& parameters);

}  // namespace migbench::libvirt
