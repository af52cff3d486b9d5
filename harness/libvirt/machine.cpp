#include <migbench_have.hpp>
#if MIGBENCH_HAVE_LIBVIRT

#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "bench/clock.hpp"
#include "bench/program.hpp"
#include "harness/environment/own_devices.hpp"
#include "harness/guest/agent_frames.hpp"
#include "harness/guest/console.hpp"
#include "harness/guest/files.hpp"
#include "harness/guest/tree.hpp"
#include "harness/lab/lab_site.hpp"
#include "harness/libvirt/domain_xml.hpp"
#include "harness/libvirt/machine.hpp"
#include "harness/programs.hpp"
#include "harness/site/local/local_site.hpp"
#include "harness/site/nodes/netlink.hpp"
#include "harness/site/nodes/place_table.hpp"
#include "harness/site/ssh/ssh_site.hpp"

namespace migbench::libvirt {

namespace fs = std::filesystem;

namespace {

// A guest boots in 3 s under emulation on a quiet machine; the rest is patience with a busy one.
constexpr Nanoseconds kBootDeadline = std::chrono::seconds(90);
constexpr Nanoseconds kPreparation = std::chrono::seconds(60);
constexpr Nanoseconds kOnePing = std::chrono::seconds(3);

guest::Acceleration accelerate(Site& site, const MachineSettings& settings,
                               const Connection& hypervisor) {
  if (settings.acceleration != "auto")
    return {settings.acceleration == "kvm", "parameter acceleration=" + settings.acceleration, {}};
  // The emulated host has a KVM, or the site would not have come up.
  if (lab::as_lab(&site) != nullptr) return {true, "the lab's emulated KVM", {}};
  if (site.kind() == "local") return guest::choose_acceleration();
  // What this machine can do says nothing of the hosts.
  const bool kvm = hypervisor.offers_kvm();
  return {kvm,
          fmt::format("{} {} KVM in its capabilities", hypervisor.uri(), kvm ? "has" : "has no"),
          {}};
}

/// The processors on which the machine's can only run. Where there is only one, nobody pins.
std::vector<int> pinned_to(const MachineSettings& settings, const Node& node) {
  const nlohmann::json logical =
      node.facts().value("/host/cpu/logical"_json_pointer, nlohmann::json());
  if (!settings.pin.empty() || logical != 1) return settings.pin;
  return std::vector<int>(static_cast<std::size_t>(settings.vcpus), 0);
}

std::string file_or_default(const fs::path& path) {
  return path.empty() ? std::string(default_template()) : guest::read_file(path);
}

}  // namespace

GuestAddress::GuestAddress(Site& site, const std::string& name, const MachineSettings& settings)
    : site_(site), name_(name), address_(settings.guest_address) {
  const bool own_image = !settings.image.empty();
  if (auto* local = as_local(&site); local != nullptr && !(own_image && address_.empty())) {
    address_ = local->take_address(name, own_image ? address_ : "");
    announced_here_ = true;
  } else if (auto* emulated = lab::as_lab(&site)) {
    address_ = emulated->take_address(name);
    announced_here_ = true;
  } else if (address_.empty()) {
    throw InputError(
        fmt::format("parameter 'guest_address' is needed {}: which address of the "
                    "site's network the guest has",
                    own_image ? "with 'image'" : "on this site"));
  } else {
    name_ = guest_host_name(address_);
  }
}

GuestAddress::~GuestAddress() {
  if (const auto* by_ssh = dynamic_cast<const SshSite*>(&site_)) by_ssh->forget_guest(name_);
  if (!announced_here_) return;
  if (auto* emulated = lab::as_lab(&site_)) {
    emulated->give_back_address(name_, address_);
    return;
  }
  auto* local = as_local(&site_);
  remove_place(local->directory(), name_);
  local->give_back_address(name_, address_);
}

void GuestAddress::announce(const std::vector<std::string>& via) const {
  if (const auto* by_ssh = dynamic_cast<const SshSite*>(&site_)) by_ssh->know_guest(name_, via);
  const auto* local = as_local(&site_);
  if (local == nullptr) return;
  const auto head = read_place(local->directory(), local->head_node().name());
  if (!head) throw Error("the site's table of places does not have its head");
  write_place(local->directory(), {name_, address_, head->socket, "", head->cgroup, via});
}

Machine::Machine(Site& site, const InstanceRequest& request, const MachineSettings& settings,
                 Extras extras)
    : settings_(settings),
      extras_(std::move(extras)),
      hypervisors_(Hypervisors::of(site)),
      address_(site, request.name, settings),
      node_(request.node),
      domain_name_(fmt::format("migbench-{}-{}", request.name, ::getpid())) {
  prepare_boot(site);
  boot();
}

Machine::~Machine() {
  try {
    // After a failed move it may be in two places, or where nobody looks.
    for (const auto& node : hypervisors_->site().nodes()) {
      const Host* known = hypervisors_->known(*node);
      if (known == nullptr) continue;
      if (auto domain = known->connection->find(domain_name_)) domain->destroy();
    }
  } catch (const std::exception& failed) {
    fmt::print(stderr, "migbench: end the virtual machine {}: {}\n", domain_name_, failed.what());
  }
}

void Machine::prepare_boot(Site& site) {
  acceleration_ = accelerate(
      site, settings_, *hypervisors_->at(*node_, settings_.uri, settings_.libvirt).connection);
  if (settings_.image.empty()) {
    guest::Recipe recipe = guest::workload_recipe();
    recipe.compressed = settings_.memory < guest::kPlainMemory;
    recipe.programs.insert(recipe.programs.end(), settings_.programs.begin(),
                           settings_.programs.end());
    recipe.programs.insert(recipe.programs.end(), extras_.programs.begin(), extras_.programs.end());
    recipe.modules.insert(recipe.modules.end(), extras_.modules.begin(), extras_.modules.end());
    image_ = guest::build_image(recipe);
    inside_.insert(image_.paths.begin(), image_.paths.end());
    access_ = {guest::Access::Way::agent,
               fmt::format("{}:{}", address(), agent::kDefaultPort),
               &site.head(),
               {}};
  } else {
    access_ = {guest::Access::Way::ssh, settings_.ssh, &site.head(), {}};
  }
  address_.announce(guest::words_before(access_));
}

void Machine::boot() {
  DomainSettings domain;
  domain.name = domain_name_;
  domain.uuid = boost::uuids::to_string(boost::uuids::random_generator()());
  domain.owner = owner_mark();
  domain.kvm = acceleration_.kvm;
  domain.machine = settings_.machine;
  domain.memory = settings_.memory;
  domain.vcpus = settings_.vcpus;
  domain.cpu = settings_.cpu;
  domain.pin = settings_.pin;
  domain.huge_pages = settings_.huge_pages;
  domain.console = (directory() / "console").string();
  domain.disk = settings_.image.string();
  if (settings_.image.empty()) {
    guest::GuestSettings inside;
    inside.name = name();
    inside.interfaces.push_back({"eth0", fmt::format("{}/{}", address(), address_.prefix())});
    inside.extra = settings_.kernel_options;
    domain.kernel = image_.boot.string();
    domain.initramfs = image_.initramfs.string();
    domain.command_line = kernel_command_line(inside);
  }
  domain.cards.push_back({mac_of(address()), settings_.bridge});
  for (int i = 1; i < settings_.nics; ++i) {
    std::string mac = mac_of(address());
    mac.replace(0, 2, fmt::format("{:02x}", 2 + 4 * i));  // still locally administered
    domain.cards.push_back({mac, settings_.bridge});
  }
  domain.devices = extras_.devices;
  const std::string xml = domain_xml(domain, file_or_default(settings_.from_template));
  fs::create_directories(directory());
  const Domain started = host(*node_).connection->create(xml);
  xml_ = started.xml();
}

void Machine::wait_until_up() const {
  wait_for_agent();
  for (const Command& command : extras_.when_up) {
    if (const Finished done = run(command, kPreparation); !done.ok())
      throw Error(fmt::format("{} could not be prepared: {}", name(), describe(done)));
  }
}

void Machine::wait_for_agent() const {
  const std::int64_t deadline = deadline_now_ns() + kBootDeadline.count();
  for (;;) {
    try {
      guest::wait_until_ready(access_, kOnePing);
      break;
    } catch (const Error& silent) {
      const auto domain = host(*node_).connection->find(domain_name_);
      const bool running = domain && domain->state() == VIR_DOMAIN_RUNNING;
      if (running && !interrupted() && deadline_now_ns() < deadline) continue;
      throw Error(fmt::format("the virtual machine {} on {} did not come up ({}): {}; {}", name(),
                              node_->name(), running ? "it runs but does not answer" : "it ended",
                              guest::explain_console(console()), silent.what()));
    }
  }
}

std::string Machine::console() const {
  try {
    const Finished read =
        node_->run({{"cat", (directory() / "console").string()}}, std::chrono::seconds(10));
    return read.ok() ? read.out : "(" + describe(read) + ")";
  } catch (const Error&) {
    return "(nothing)";
  }
}

fs::path Machine::directory() const {
  return hypervisors_->site().scratch() / "kvm" / domain_name_;
}

Host& Machine::host(Node& node) const {
  Host& host = hypervisors_->at(node, settings_.uri, settings_.libvirt);
  if (boot_files_.count(&node) == 0) bring_boot_files(node);
  boot_files_.insert(&node);
  return host;
}

void Machine::bring_boot_files(const Node& node) const {
  constexpr Nanoseconds kAsking = std::chrono::seconds(10);
  const bool by_ssh = hypervisors_->site().kind() == "ssh";
  for (const fs::path& file : {image_.boot, image_.initramfs}) {
    // The name tells the content: where it is there, as on shared storage, it is the same.
    const bool there = by_ssh && node.run({{"test", "-s", file.string()}}, kAsking).ok();
    if (!file.empty() && !there) node.copy_to(file, file);
  }
  if (hypervisors_->site().kind() == "local") return;
  const Finished made = node.run({{"mkdir", "-p", directory().string()}}, kAsking);
  if (!made.ok()) throw Error(describe(made));
}

bool Machine::told_shared() const {
  if (settings_.image.empty()) return false;
  return settings_.shared_storage || hypervisors_->site().kind() == "local";
}

void Machine::bring_program(const std::string& program) const {
  const fs::path path = look_for_program(program);
  if (access_.way != guest::Access::Way::agent || path.empty() || inside_.count(path.string()) != 0)
    return;
  guest::HostTree tree;
  tree.add_program(path);
  for (const guest::TreeEntry& entry : tree.entries()) {
    if (!inside_.insert(entry.path).second) continue;
    const fs::path source =
        entry.kind == guest::TreeEntry::Kind::file ? entry.source : fs::canonical(entry.path);
    if (fs::is_regular_file(source)) guest::copy_to(access_, source, entry.path);
  }
}

Command Machine::enter(const Command& command) const {
  if (!command.argv.empty()) bring_program(command.argv[0]);
  return guest::enter(access_, command);
}

void Machine::copy_to(const fs::path& here, const fs::path& there) const {
  guest::copy_to(access_, here, there);
}

void Machine::copy_from(const fs::path& there, const fs::path& here) const {
  guest::copy_from(access_, there, here);
}

nlohmann::json Machine::facts() const {
  const Host& at = host(*node_);
  nlohmann::json facts{
      {"domain", domain_name_},
      {"accelerator", acceleration_.kvm ? "kvm" : "tcg"},
      {"accelerator_reason", acceleration_.reason},
      {"memory_bytes", settings_.memory.count},
      {"vcpus", settings_.vcpus},
      {"pin", pinned_to(settings_, *node_)},
      {"hypervisor", at.connection->hypervisor_version()},
      {"libvirt", at.connection->library_version()},
      {"uri", at.uri},
      {"guest", settings_.image.empty() ? guest::describe(image_)
                                        : nlohmann::json(settings_.image.string())},
      {"xml", xml_}};
  facts.update(extras_.facts);
  return facts;
}

std::vector<std::string> Machine::labels() const {
  std::vector<std::string> labels = extras_.labels;
  if (!acceleration_.kvm) labels.emplace_back(guest::kEmulatedLabel);
  return labels;
}

std::vector<InstanceRequest> shared_out(std::vector<InstanceRequest> requests) {
  for (std::size_t i = 0; i < requests.size(); ++i)
    requests[i].parameters = share_of(requests[i].parameters, i, requests.size());
  return requests;
}

std::vector<std::string> Machine::rdma_labels() const {
  if (!extras_.soft_roce) return {};
  return {kSoftRoceLabel};
}

}  // namespace migbench::libvirt

#endif
