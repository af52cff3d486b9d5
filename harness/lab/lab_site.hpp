// A site of two or three emulated hosts (lab_host.hpp): each has an SR-IOV card that is free to be
// given away (eth1), one below the bridge br0 that guests are plugged into (eth2), and a KVM. What
// runs natively on a node uses the free card, by soft-RoCE.
//
// The nodes are machines of their own: devices, drivers and files below /sys are reached by running
// commands there (Place::run), and this machine's file system is there at the same paths.
#pragma once

#include <map>
#include <mutex>

#include "harness/lab/lab_host.hpp"
#include "harness/site/site.hpp"

namespace migbench::lab {

inline constexpr const char* kCard = "eth1";         ///< free: native, or given to a guest
inline constexpr const char* kBridgedCard = "eth2";  ///< in the bridge br0
inline constexpr int kPrefix = 24;

/// The address on the free cards' network of what has this one on the nodes' network: a guest or a
/// node has the same last number in both.
[[nodiscard]] std::string card_address(const std::string& address);

class LabNode final : public Node {
 public:
  LabNode(std::string name, std::string address, std::unique_ptr<guest::QemuGuest> guest);

  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] const std::string& address() const override { return address_; }
  [[nodiscard]] Command enter(const Command& command) const override;
  void copy_to(const std::filesystem::path& here,
               const std::filesystem::path& there) const override;
  void copy_from(const std::filesystem::path& there,
                 const std::filesystem::path& here) const override;
  [[nodiscard]] bool shares_clock() const override { return false; }
  [[nodiscard]] nlohmann::json facts() const override { return facts_; }

  /// After its boot: bridge, addresses, names; what it is, for the record. Throws Error.
  void set_up();
  /// Gives the free card the node's address on the cards' network and makes it a soft-RoCE device;
  /// what is said of the other nodes' cards with know() needs no ARP, which RDMA does not wait for
  /// longer than a second. Throws Error.
  void use_card() const;
  void know(const LabNode& other);
  /// Where all cards are one network: the bridge's address on the cards'. Throws Error.
  void join_networks() const;
  /// Runs a shell script there. Throws Error.
  std::string sh(const std::string& script) const;
  /// How this machine reaches the node's libvirtd: "qemu+tcp://127.0.0.1:PORT/system".
  [[nodiscard]] std::string libvirt_uri() const;
  [[nodiscard]] guest::QemuGuest& machine() const noexcept { return *guest_; }

 private:
  std::string name_, address_;
  std::unique_ptr<guest::QemuGuest> guest_;
  nlohmann::json facts_;
  std::string neighbours_{};  ///< commands that make them known
};

/// The free card of a node as its soft-RoCE device, as long as this lives.
class CardInUse {
 public:
  explicit CardInUse(const LabNode& node);
  ~CardInUse();
  CardInUse(const CardInUse&) = delete;
  CardInUse& operator=(const CardInUse&) = delete;

 private:
  const LabNode& node_;
};

class LabSite final : public Site {
 public:
  struct Settings {
    Bytes memory{2560UL << 20U};
    int vcpus = 1;
    int nodes = 2;
    /// All cards are plugged into one network, so that a guest is reached by a card of its own and
    /// by the bridge alike; each node then has an address on the cards' network, too.
    bool joined = false;
  };

  explicit LabSite(const Settings& settings);
  ~LabSite() override;
  LabSite(const LabSite&) = delete;
  LabSite& operator=(const LabSite&) = delete;

  [[nodiscard]] std::string_view kind() const override { return "lab"; }
  /// The first node: a machine of its own for the head would take the processor from the others.
  [[nodiscard]] const Place& head() const override { return *nodes_.front(); }
  [[nodiscard]] const std::vector<std::unique_ptr<Node>>& nodes() const override { return nodes_; }
  [[nodiscard]] Command mpi_command(const MpiJob& job) const override;
  [[nodiscard]] const std::filesystem::path& scratch() const override { return scratch_; }
  [[nodiscard]] std::vector<std::string> labels() const override { return {kEmulatedHost}; }
  [[nodiscard]] nlohmann::json facts() const override;

  /// A free address of the nodes' network, under a name that all nodes then know. For guests.
  [[nodiscard]] bool joined() const noexcept { return settings_.joined; }

  [[nodiscard]] std::string take_address(const std::string& name);
  void give_back_address(const std::string& name, const std::string& address);
  /// What is dear to start on emulated hosts (libvirt's daemons) and shall last as long as they do.
  void keep(std::shared_ptr<void> thing) { kept_ = std::move(thing); }

 private:
  [[nodiscard]] LabNode& node(std::size_t index) const;

  Settings settings_;
  std::filesystem::path scratch_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::mutex mutex_;
  std::map<std::string, std::string> taken_;  ///< address to name
  std::shared_ptr<void> kept_;
};

[[nodiscard]] inline LabSite* as_lab(Site* site) {
  return dynamic_cast<LabSite*>(site);
}
[[nodiscard]] inline LabNode* as_lab(Node* node) {
  return dynamic_cast<LabNode*>(node);
}

/// {"kind": "lab", "nodes": 2, "joined": false, "memory": "2560MiB", "vcpus": 1}. Throws
/// InputError.
[[nodiscard]] LabSite::Settings lab_settings(const nlohmann::json& settings);

}  // namespace migbench::lab
