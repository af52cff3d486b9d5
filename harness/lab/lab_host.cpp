#include "harness/lab/lab_host.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/guest/files.hpp"
#include "harness/programs.hpp"

namespace migbench::lab {

namespace fs = std::filesystem;

namespace {

constexpr const char* kRoot = "/host";

/// Every module that somebody in it may need: its own tree of modules is another kernel's.
std::vector<std::string> modules() {
  return {"igb",      "igbvf",        "kvm_amd",   "vfio_iommu_type1",
          "vfio_pci", "rdma_rxe",     "ib_uverbs", "rdma_ucm",
          "bridge",   "tun",          "vhost_net", "veth",
          "macvtap",  "net_failover", "sch_tbf",   "bonding"};
}

std::string tag_of(std::size_t index) {
  return fmt::format("writable{}", index);
}

std::vector<fs::path> writable_of(const LabHostOptions& options) {
  // Images of guests that are made in it are of use to the next one.
  std::vector<fs::path> all{guest::cache_directory()};
  for (const fs::path& path : options.writable)
    all.push_back(fs::absolute(path));
  return all;
}

guest::GuestImage image_for(const LabHostOptions& options) {
  guest::Recipe recipe;
  recipe.modules = modules();
  recipe.shares = {{"hostroot", kRoot, true}};
  recipe.root_share = "hostroot";
  recipe.root_overlay = true;
  std::size_t index = 0;
  for (const fs::path& path : writable_of(options))
    recipe.shares.push_back({tag_of(index++), kRoot + path.string(), false});
  return guest::build_image(recipe);
}

std::string netdev(const LabHostOptions& options, std::size_t card) {
  const std::string id = fmt::format("net{}", card);
  if (card >= options.networks.size()) return fmt::format("hubport,id={0},hubid={1}", id, card);
  return fmt::format(fmt::runtime(options.networks[card]), id);
}

void add_cards(const LabHostOptions& options, guest::QemuOptions& qemu) {
  for (std::size_t card = 0; card < kCards; ++card) {
    // Behind a root port of its own, so that each card has an IOMMU group of its own.
    qemu.extra.insert(
        qemu.extra.end(),
        {"-device", fmt::format("pcie-root-port,id=port{0},chassis={0},slot={0}", card + 1),
         "-netdev", netdev(options, card), "-device",
         fmt::format("igb,bus=port{},netdev=net{},romfile=,mac={}", card + 1, card,
                     card_mac(options.name, card))});
    qemu.interfaces.push_back({fmt::format("eth{}", card + 1),
                               card < options.addresses.size() ? options.addresses[card] : ""});
  }
}

}  // namespace

std::string card_mac(const std::string& host, std::size_t card) {
  return fmt::format("02:6c:{:02x}:00:{:02x}:00", std::hash<std::string>{}(host)&0xffU, card);
}

fs::path lab_qemu() {
  const fs::path own = guest::cache_directory() / "qemu/bin/qemu-system-x86_64";
  std::error_code absent;
  if (fs::exists(own, absent)) return own;
  const fs::path systems = look_for_program("qemu-system-x86_64");
  if (systems.empty()) return {};
  const Finished asked = run({{systems.string(), "-device", "igb,help"}}, std::chrono::seconds(10));
  return asked.ok() ? systems : fs::path();
}

Support lab_support() {
  if (auto missing = guest::image_support()) return missing;
  if (lab_qemu().empty()) {
    return Unsupported{"there is no QEMU with an emulated SR-IOV card (10 or newer)",
                       "scripts/lab_qemu.sh fetches one into the cache: 66 MB"};
  }
  return std::nullopt;
}

std::unique_ptr<guest::QemuGuest> start_lab_host(const LabHostOptions& options) {
  if (const auto missing = lab_support())
    throw Error(fmt::format("the lab cannot be had: {}; {}", missing->reason, missing->remedy));
  guest::QemuOptions qemu;
  qemu.program = lab_qemu().string();
  qemu.name = options.name;
  qemu.vcpus = options.vcpus;
  qemu.memory = options.memory;
  qemu.machine = "q35";
  qemu.kernel_options = "intel_iommu=on iommu=pt";
  qemu.shares = {{"hostroot", "/", true}};
  std::size_t index = 0;
  for (const fs::path& path : writable_of(options))
    qemu.shares.push_back({tag_of(index++), path, false});
  qemu.extra = {"-device", "intel-iommu,intremap=on"};
  add_cards(options, qemu);
  qemu.extra.insert(qemu.extra.end(), options.extra.begin(), options.extra.end());
  qemu.forwarded = options.forwarded;
  return std::make_unique<guest::QemuGuest>(image_for(options), qemu);
}

std::unique_ptr<guest::QemuGuest> boot_lab_host(const LabHostOptions& options) {
  auto host = start_lab_host(options);
  host->wait_until_up(kBootDeadline);
  return host;
}

}  // namespace migbench::lab
