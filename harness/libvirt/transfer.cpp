#include <migbench_have.hpp>
#if MIGBENCH_HAVE_LIBVIRT

#include <atomic>
#include <future>

#include <fmt/format.h>
#include <libvirt/virterror.h>

#include "bench/clock.hpp"
#include "harness/libvirt/domain_xml.hpp"
#include "harness/libvirt/transfer.hpp"
#include "harness/libvirt/whereabouts.hpp"

namespace migbench::libvirt {

namespace {

Nanoseconds shorter(Nanoseconds a, const std::optional<Nanoseconds>& b) {
  return b ? std::min(a, *b) : a;
}

}  // namespace

void check_migratable(const Connection& hypervisor) {
  if (hypervisor.offers_migration()) return;
  throw Error(fmt::format(
      "{} ({}) cannot migrate what it runs: its capabilities have no migration features; take a "
      "hypervisor whose libvirt driver has them (qemu, xen, vz)",
      hypervisor.uri(), hypervisor.hypervisor_version()));
}

std::string explained(const Failure& failure) {
  if (failure.code != VIR_ERR_MIGRATE_UNSAFE) return failure.message;
  return failure.message +
         "; where both hosts see the image at the same path, give \"shared_storage\": true";
}

nlohmann::json parallel_facts(const MigrateSettings& settings, const JobStatistics& job) {
  const std::uint64_t pages = job.number(VIR_DOMAIN_JOB_MEMORY_NORMAL_BYTES);
  nlohmann::json facts{
      {"connections", settings.connections},
      {"compression", settings.compression.empty() ? "none" : settings.compression}};
  if (pages > 0) {
    facts["sent_per_byte"] = static_cast<double>(job.number(VIR_DOMAIN_JOB_MEMORY_PROCESSED)) /
                             static_cast<double>(pages);
  }
  return facts;
}

Machine& machine_of(const MoveRequest& request) {
  auto* machine = dynamic_cast<Machine*>(request.instance);
  if (machine == nullptr)
    throw InputError("only virtual machines of environment kvm can be moved by kvm-*");
  if (request.destination == nullptr || request.destination == &machine->node())
    throw InputError("the destination must be another node");
  return *machine;
}

Transfer::Transfer(const MoveRequest& request, Mode mode, Rewrite rewrite)
    : machine_(machine_of(request)),
      source_(machine_.node()),
      destination_(*request.destination),
      mode_(mode),
      rewrite_(std::move(rewrite)),
      settings_(migrate_settings(request.parameters, mode)),
      timeout_(shorter(request.deadline, settings_.timeout)),
      at_source_(machine_.host(source_).connection),
      at_destination_(machine_.host(destination_).connection),
      peer_uri_(machine_.host(destination_).peer_uri),
      source_rate_(*request.site, source_, settings_.link_rate),
      destination_rate_(*request.site, destination_, settings_.link_rate),
      source_events_(std::make_unique<EventLog>(*at_source_, machine_.domain_name())),
      destination_events_(std::make_unique<EventLog>(*at_destination_, machine_.domain_name())) {
  check_migratable(*at_source_);
  check_version(settings_, at_source_->library_number());
  const auto domain = at_source_->find(machine_.domain_name());
  if (!domain || domain->state() != VIR_DOMAIN_RUNNING)
    throw Error(fmt::format("{} does not run on {}: it cannot be migrated", machine_.name(),
                            source_.name()));
  if (settings_.max_downtime) {
    const auto milliseconds =
        static_cast<unsigned long long>(settings_.max_downtime->count() / 1'000'000);
    if (virDomainMigrateSetMaxDowntime(domain->get(), milliseconds, 0) != 0)
      throw last_error("set the maximum downtime");
  }
}

unsigned Transfer::flags() const {
  // "Unsafe" is libvirt's word for a disk on a file system that it does not know to be shared.
  unsigned flags = migrate_flags(settings_, mode_);
  if (machine_.told_shared()) flags |= VIR_MIGRATE_UNSAFE;
  return flags;
}

Transfer::Call Transfer::call_libvirt(Domain& domain, const Connection* destination) const {
  TypedParameters parameters;
  add_migrate_parameters(parameters, settings_);
  if (!settings_.destination_cpu.empty() || rewrite_) {
    const std::unique_ptr<char, decltype(&std::free)> xml(
        virDomainGetXMLDesc(domain.get(), VIR_DOMAIN_XML_MIGRATABLE), &std::free);
    if (!xml) throw last_error("read the migratable definition");
    std::string there = xml.get();
    if (!settings_.destination_cpu.empty())
      there = with_cpu_model(there, settings_.destination_cpu);
    if (rewrite_) there = rewrite_(there);
    parameters.add(VIR_MIGRATE_PARAM_DEST_XML, there);
  }
  const unsigned flags = this->flags();
  const auto count = static_cast<unsigned>(parameters.count());
  bool succeeded = false;
  if (destination != nullptr) {
    virDomainPtr moved =
        virDomainMigrate3(domain.get(), destination->get(), parameters.list(), count, flags);
    succeeded = moved != nullptr;
    if (moved != nullptr) virDomainFree(moved);
  } else {
    succeeded = virDomainMigrateToURI3(domain.get(), peer_uri_.c_str(), parameters.list(), count,
                                       flags) == 0;
  }
  return {succeeded, succeeded ? "" : explained(last_failure())};
}

MoveResult Transfer::move() {
  MoveResult result;
  result.request_ns = deadline_now_ns();
  Watch watch(*source_events_, mode_, settings_.postcopy_after, timeout_);
  std::atomic<bool> returned = false;
  Call call;
  std::int64_t connected_ns = 0;
  try {
    // As `virsh migrate` does it: connections of its own, opened while the user waits.
    const Connection source(at_source_->uri());
    std::optional<Connection> destination;
    if (settings_.control == Control::direct) destination.emplace(at_destination_->uri());
    connected_ns = deadline_now_ns();
    auto domain = source.find(machine_.domain_name());
    if (!domain) throw last_error("find the virtual machine");
    auto answer = std::async(std::launch::async, [&] {
      Call made;
      try {
        made = call_libvirt(*domain, destination ? &*destination : nullptr);
      } catch (const Error& failed) {
        made.message = failed.what();
      }
      result.done_ns = deadline_now_ns();
      returned = true;
      return made;
    });
    watch.over(domain->get(), returned);
    call = answer.get();
  } catch (const Error& failed) {
    call.message = failed.what();
    result.done_ns = deadline_now_ns();
  }
  if (call.succeeded) source_events_->wait_for_job_completed(std::chrono::milliseconds(500));
  settle(result, call, watch);
  describe_phases(result, connected_ns, watch);
  describe_facts(result, watch);
  return result;
}

void Transfer::settle(MoveResult& result, const Call& call, const Watch& watch) {
  const Whereabouts found = settle_whereabouts(machine_, source_, destination_);
  result.facts["source_state"] = state_name(found.source);
  result.facts["destination_state"] = state_name(found.destination);
  if (found.destination == VIR_DOMAIN_RUNNING && found.source == VIR_DOMAIN_NOSTATE) {
    machine_.moved_to(destination_);
    if (!call.succeeded) result.facts["warning"] = "moved, although libvirt said: " + call.message;
    return;
  }
  result.moved = false;
  result.reason = watch.aborted()
                      ? fmt::format("aborted after {}: {}", format_duration(timeout_), call.message)
                      : call.message;
  if (found.source == VIR_DOMAIN_RUNNING && found.destination != VIR_DOMAIN_RUNNING) return;
  std::string words;
  for (Node* node : {&source_, &destination_})
    if (const auto said = last_words(machine_, *node); !said.empty()) words += "; " + said;
  throw Error(fmt::format(
      "the virtual machine {} is lost: {} on {}, {} on {} ({}){}{}", machine_.name(),
      state_name(found.source), source_.name(), state_name(found.destination), destination_.name(),
      result.reason.empty() ? "libvirt reported success" : result.reason,
      watch.switched() ? "; post-copy was interrupted, so its memory is in two places" : "",
      words));
}

void Transfer::describe_phases(MoveResult& result, std::int64_t connected_ns,
                               const Watch& watch) const {
  if (connected_ns == 0) return;
  const auto add = [&](const char* name, std::int64_t start, std::int64_t end,
                       nlohmann::json details = nlohmann::json::object()) {
    if (start > 0 && end >= start) result.phases.push_back({name, start, end, std::move(details)});
  };
  add("connect", result.request_ns, connected_ns);
  const auto starts = source_events_->iterations();
  const auto suspended = source_events_->first(VIR_DOMAIN_EVENT_SUSPENDED);
  const auto resumed = destination_events_->first(VIR_DOMAIN_EVENT_RESUMED);
  const std::int64_t paused_ns = suspended ? suspended->at_ns : 0;
  const std::int64_t resumed_ns = resumed ? resumed->at_ns : 0;
  const std::int64_t first_copy = starts.empty() ? paused_ns : starts.front().second;
  add("prepare", connected_ns, first_copy > 0 ? first_copy : result.done_ns);
  // A machine that is suspended first is copied while it is paused; else what is sent after the
  // pause belongs to the switch-over.
  std::int64_t copied_ns = mode_ == Mode::suspend ? resumed_ns : paused_ns;
  if (copied_ns == 0) copied_ns = result.done_ns;
  std::uint64_t sent = 0;
  for (const CopyIteration& iteration : copy_iterations(starts, watch.samples(), copied_ns)) {
    sent += iteration.bytes;
    nlohmann::json details{{"iteration", iteration.number},
                           {"bytes", iteration.bytes},
                           {"remaining_bytes", iteration.remaining}};
    // A machine that is paused rewrites nothing.
    if (mode_ != Mode::suspend && iteration.dirty_rate) {
      details["dirty_bytes_per_s"] = *iteration.dirty_rate;
      details["dirty_rate_by"] = iteration.rate_is_hypervisors ? "hypervisor" : "remaining";
    }
    add("copy", iteration.start_ns, iteration.end_ns, std::move(details));
  }
  nlohmann::json last = nlohmann::json::object();
  const std::uint64_t all = source_events_->completed_job().number(VIR_DOMAIN_JOB_MEMORY_PROCESSED);
  if (mode_ == Mode::live && all >= sent) last["bytes"] = all - sent;
  add(mode_ == Mode::suspend ? "paused" : "switch-over", paused_ns, resumed_ns, last);
  const auto second = destination_events_->second(VIR_DOMAIN_EVENT_RESUMED);
  const bool pulled = mode_ == Mode::postcopy && second.has_value();
  if (pulled) add("pull", resumed_ns, second->at_ns);
  add("finish", pulled ? second->at_ns : resumed_ns, result.done_ns);
}

void Transfer::describe_facts(MoveResult& result, const Watch& watch) const {
  nlohmann::json& facts = result.facts;
  facts["control"] = name_of(settings_.control);
  facts["flags"] = flags();
  facts["destination_uri"] =
      settings_.control == Control::direct ? at_destination_->uri() : peer_uri_;
  facts["libvirt"] = at_source_->library_version();
  facts["hypervisor"] = at_source_->hypervisor_version();
  facts["aborted"] = watch.aborted();
  if (mode_ == Mode::postcopy) {
    facts["switched_to_postcopy"] = watch.switched();
    if (!watch.switched())
      facts["warning"] =
          "pre-copy was done before post-copy could begin: this was a live migration";
    facts["note"] =
        "during post-copy the machine's memory is in two places: a failure then loses it";
  }
  for (const auto& [side, log] : {std::pair{"source", source_events_.get()},
                                  std::pair{"destination", destination_events_.get()}}) {
    auto& list = facts["events"][side] = nlohmann::json::array();
    for (const Event& event : log->events())
      list.push_back({{"at_ns", event.at_ns}, {"event", describe(event)}});
  }
  // The source's event has it; asked for afterwards, libvirt has nothing to say after post-copy.
  const JobStatistics job = source_events_->completed_job();
  if (job.empty()) return;
  facts["job"] = job.json();
  if (settings_.connections > 0) facts["parallel"] = parallel_facts(settings_, job);
  if (job.values.count(VIR_DOMAIN_JOB_DOWNTIME) != 0)
    facts["hypervisor_downtime_ms"] = job.number(VIR_DOMAIN_JOB_DOWNTIME);
}

}  // namespace migbench::libvirt

#endif
