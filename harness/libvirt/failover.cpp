#include <migbench_have.hpp>
#if MIGBENCH_HAVE_LIBVIRT

#include <thread>

#include <fmt/format.h>

#include "bench/clock.hpp"
#include "harness/libvirt/failover.hpp"

namespace migbench::libvirt {

namespace {

/// A guest that does not answer the hot-plug controller within this time never will.
constexpr Nanoseconds kUnplug = std::chrono::seconds(30);

std::shared_ptr<Borrowed> with_stand_in(const Machine& machine) {
  auto borrowed = borrowed_of(machine);
  if (!borrowed || !borrowed->settings.failover)
    throw InputError(
        "technique 'kvm-failover' needs machines that have a stand-in for their VF: set the "
        "parameter failover to true");
  return borrowed;
}

Domain find(const Connection& connection, const Machine& machine) {
  auto domain = connection.find(machine.domain_name());
  if (!domain) throw last_error("find the virtual machine " + machine.name());
  return std::move(*domain);
}

}  // namespace

Failover::Failover(const MoveRequest& request)
    : machine_(machine_of(request)),
      borrowed_(with_stand_in(machine_)),
      at_source_(machine_.host(machine_.node()).connection),
      at_destination_(machine_.host(*request.destination).connection),
      lender_(Lender::of(*request.site, *request.destination, borrowed_->settings)),
      device_(Lender::take(lender_)),
      deadline_(request.deadline),
      transfer_(request, Mode::live) {}

void Failover::unplug(const Connection& connection) const {
  const Domain domain = find(connection, machine_);
  if (virDomainDetachDeviceAlias(domain.get(), kDeviceAlias, VIR_DOMAIN_AFFECT_LIVE) != 0)
    throw last_error("unplug the VF");
  const std::int64_t deadline = deadline_now_ns() + std::min(kUnplug, deadline_).count();
  while (domain.xml().find(kDeviceAlias) != std::string::npos) {
    if (deadline_now_ns() > deadline)
      throw Error("the guest did not let go of its VF: does its kernel do PCI hot-plug?");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

void Failover::plug(const Connection& connection, const HostDevice& device) const {
  HostDevice with_first_mac = device;
  with_first_mac.mac = borrowed_->mac;
  const Domain domain = find(connection, machine_);
  const std::string xml = hostdev_xml(with_first_mac, Attach::interface);
  if (virDomainAttachDeviceFlags(domain.get(), xml.c_str(), VIR_DOMAIN_AFFECT_LIVE) != 0)
    throw last_error("plug in the VF " + device.address);
  const Finished joined = machine_.run(guest_rejoin(borrowed_->mac), deadline_);
  if (!joined.ok()) throw Error(describe(joined));
}

MoveResult Failover::move() {
  MoveResult result;
  result.request_ns = deadline_now_ns();
  std::int64_t at = result.request_ns;
  const auto phase = [&](const char* name, nlohmann::json details = nlohmann::json::object()) {
    const std::int64_t now = deadline_now_ns();
    result.phases.push_back({name, at, now, std::move(details)});
    at = now;
  };
  const std::string from = borrowed_->device->address;
  try {
    unplug(*at_source_);
    phase("unplug", {{"device", from}});
  } catch (const Error& failed) {
    result.moved = false;
    result.reason = failed.what();
    result.done_ns = deadline_now_ns();
    return result;
  }
  MoveResult migrated = transfer_.move();
  result.facts = migrated.facts;
  result.moved = migrated.moved;
  result.reason = migrated.reason;
  phase("migrate");
  for (Phase& part : migrated.phases)
    result.phases.push_back(std::move(part));
  if (result.moved) {
    plug(*at_destination_, *device_);
    borrowed_->device = device_;
    borrowed_->lender = lender_;
    phase("replug", {{"device", device_->address}});
  } else {
    plug(*at_source_, *borrowed_->device);
    phase("replug at the source", {{"device", from}});
  }
  result.done_ns = deadline_now_ns();
  return result;
}

}  // namespace migbench::libvirt

#endif
