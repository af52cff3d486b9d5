// The kind of site `lab`.
#include "harness/lab/lab_site.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <fmt/format.h>

#include "bench/document.hpp"
#include "harness/lab/cables.hpp"
#include "harness/programs.hpp"
#include "harness/site/mpi_launch.hpp"

namespace migbench::lab {

namespace fs = std::filesystem;

namespace {

constexpr int kMostNodes = 3;  // each takes a processor, and what two of them have is shared
constexpr int kFirstNodeHost = 11, kFirstGuestHost = 101, kLastGuestHost = 250;
constexpr const char* kNetwork = "10.77.0.";
constexpr Nanoseconds kForgetting = std::chrono::seconds(10);

fs::path make_scratch() {
  std::string path = (fs::temp_directory_path() / "migbench-lab-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) throw system_error("make " + path);
  return path;
}

/// mpirun's remote shell: AGENT HOST COMMAND...
std::string agent_script() {
  return fmt::format(
      "#!/bin/sh\n"
      "at=$(awk -v name=\"$1\" '$2 == name {{ print $1 }}' /etc/hosts)\n"
      "[ -n \"$at\" ] || {{ echo \"there is no place $1 in the lab\" >&2; exit 1; }}\n"
      "shift\n"
      "exec {} --at \"$at\" -- sh -c \"$*\"\n",
      find_program("migbench-guest-exec").string());
}

}  // namespace

LabSite::Settings lab_settings(const nlohmann::json& settings) {
  constexpr std::array<std::string_view, 5> kKnown{"kind", "nodes", "joined", "memory", "vcpus"};
  LabSite::Settings read;
  for (const auto& [key, value] : settings.items()) {
    if (std::find(kKnown.begin(), kKnown.end(), key) == kKnown.end())
      throw InputError(fmt::format(
          "site: unknown setting '{}' for a lab; known are: nodes, joined, memory, vcpus", key));
  }
  const auto nodes = settings.value("nodes", nlohmann::json(read.nodes));
  if (!nodes.is_number_integer() || nodes < 2 || nodes > kMostNodes)
    throw InputError(fmt::format("site.nodes: a lab has 2 to {} nodes", kMostNodes));
  read.nodes = nodes.get<int>();
  const auto joined = settings.value("joined", nlohmann::json(read.joined));
  if (!joined.is_boolean()) throw InputError("site.joined: true or false");
  read.joined = joined.get<bool>();
  if (settings.contains("memory")) {
    if (!settings["memory"].is_string()) throw InputError("site.memory: write it as \"2GiB\"");
    read.memory = parse_bytes(settings["memory"].get<std::string>());
  }
  const auto vcpus = settings.value("vcpus", nlohmann::json(read.vcpus));
  if (!vcpus.is_number_integer() || vcpus < 1 || vcpus > 16)
    throw InputError(fmt::format("site.vcpus: {} is not a number from 1 to 16", vcpus.dump()));
  read.vcpus = vcpus.get<int>();
  return read;
}

LabSite::LabSite(const Settings& settings) : settings_(settings), scratch_(make_scratch()) {
  for (int i = 0; i < settings.nodes; ++i) {
    LabHostOptions host;
    host.name = fmt::format("n{}", i + 1);
    host.vcpus = settings.vcpus;
    host.memory = settings.memory;
    plug_in(host, settings, scratch_, i);
    host.forwarded = {kLibvirtPort};
    nodes_.push_back(std::make_unique<LabNode>(
        host.name, fmt::format("{}{}", kNetwork, kFirstNodeHost + i), start_lab_host(host)));
  }
  write_text(scratch_ / "agent", agent_script());
  fs::permissions(scratch_ / "agent", fs::perms::owner_all);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    node(i).machine().wait_until_up(kBootDeadline);
    node(i).set_up();
    if (settings.joined) node(i).join_networks();
    node(i).sh("mkdir -p " + scratch_.string());
    node(i).copy_to(scratch_ / "agent", scratch_ / "agent");
  }
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    for (std::size_t other = 0; other < nodes_.size(); ++other) {
      if (other != i) node(i).know(node(other));
      node(i).sh(
          fmt::format("echo '{} {}' >>/etc/hosts", node(other).address(), node(other).name()));
    }
  }
}

LabSite::~LabSite() {
  kept_.reset();
  nodes_.clear();
  std::error_code gone;
  fs::remove_all(scratch_, gone);
}

LabNode& LabSite::node(std::size_t index) const {
  return dynamic_cast<LabNode&>(*nodes_.at(index));
}

Command LabSite::mpi_command(const MpiJob& job) const {
  // Open MPI's daemon looks for its remote shell where it is started, and crashes without it.
  for (const RankGroup& group : job.groups) {
    if (group.place != nullptr && dynamic_cast<const LabNode*>(group.place) == nullptr)
      group.place->copy_to(scratch_ / "agent", scratch_ / "agent");
  }
  const MpiLaunch launch{.agent = (scratch_ / "agent").string(),
                         .network = fmt::format("{}0/{}", kNetwork, kPrefix),
                         .cores = settings_.vcpus,
                         .shared_machine = false};
  return mpi_command_line(job, launch, mpi_version());
}

nlohmann::json LabSite::facts() const {
  nlohmann::json machines = nlohmann::json::array();
  for (const auto& machine : nodes_)
    machines.push_back(machine->facts());
  return {{"kind", kind()},
          {"nodes", nodes_.size()},
          {"network", fmt::format("{}0/{}", kNetwork, kPrefix)},
          {"link", "igb cards emulated by QEMU, frames over unix sockets"},
          {"joined", settings_.joined},
          {"machines", machines},
          {"vcpus", settings_.vcpus},
          {"memory_bytes", settings_.memory.count},
          {"neighbour_retry_ms", 10},
          {"labels", labels()}};
}

std::string LabSite::take_address(const std::string& name) {
  const std::lock_guard lock(mutex_);
  for (int host = kFirstGuestHost; host <= kLastGuestHost; ++host) {
    std::string address = fmt::format("{}{}", kNetwork, host);
    if (!taken_.emplace(address, name).second) continue;
    for (std::size_t i = 0; i < nodes_.size(); ++i)
      node(i).sh(fmt::format("echo '{} {}' >>/etc/hosts", address, name));
    return address;
  }
  throw Error("the lab has no free address left");
}

void LabSite::give_back_address(const std::string& name, const std::string& address) {
  const std::lock_guard lock(mutex_);
  taken_.erase(address);
  // A node that an interruption ended forgets the name with all else.
  for (const auto& node : nodes_)
    (void)node->run({{"sed", "-i", fmt::format("/ {}$/d", name), "/etc/hosts"}}, kForgetting);
}

namespace {

class LabKind final : public SiteKind {
 public:
  [[nodiscard]] std::string_view name() const override { return "lab"; }
  [[nodiscard]] std::string_view summary() const override {
    return "two or three emulated hosts with IOMMU, SR-IOV cards and KVM of their own";
  }
  [[nodiscard]] Support check(const nlohmann::json& settings) const override {
    (void)lab_settings(settings);
    return lab_support();
  }
  [[nodiscard]] std::unique_ptr<Site> bring_up(const nlohmann::json& settings) const override {
    return std::make_unique<LabSite>(lab_settings(settings));
  }
};

MIGBENCH_REGISTER(SiteKind, LabKind);

}  // namespace

}  // namespace migbench::lab
