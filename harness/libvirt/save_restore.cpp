#include <migbench_have.hpp>
#if MIGBENCH_HAVE_LIBVIRT

#include <atomic>
#include <future>
#include <thread>

#include <fmt/format.h>

#include "bench/clock.hpp"
#include "bench/program.hpp"
#include "harness/libvirt/parameter.hpp"
#include "harness/libvirt/save_restore.hpp"
#include "harness/libvirt/whereabouts.hpp"

namespace migbench::libvirt {

namespace fs = std::filesystem;

std::vector<std::string_view> save_parameters() {
  return {"save_directory", "bypass_cache", "timeout"};
}

SaveRestore::SaveRestore(const MoveRequest& request)
    : machine_(machine_of(request)),
      source_(machine_.node()),
      destination_(*request.destination),
      at_source_(machine_.host(source_).connection),
      at_destination_(machine_.host(destination_).connection),
      timeout_(request.deadline) {
  const nlohmann::json& given = request.parameters;
  const fs::path directory =
      given.contains("save_directory")
          ? fs::path(typed<std::string>(given["save_directory"], "save_directory"))
          : machine_.directory();
  if (given.contains("timeout"))
    timeout_ = std::min(timeout_, duration(given["timeout"], "timeout"));
  if (given.contains("bypass_cache") && typed<bool>(given["bypass_cache"], "bypass_cache"))
    flags_ = VIR_DOMAIN_SAVE_BYPASS_CACHE;
  file_ = directory / (machine_.domain_name() + ".saved");
}

SaveRestore::~SaveRestore() {
  try {
    (void)source_.run({{"rm", "-f", file_.string()}}, std::chrono::seconds(5));
  } catch (const std::exception& failed) {
    fmt::print(stderr, "migbench: remove {}: {}\n", file_.string(), failed.what());
  }
}

// False where it was not saved: the machine then runs on.
bool SaveRestore::save(Domain& domain, MoveResult& result) const {
  const std::int64_t start = deadline_now_ns();
  std::atomic<bool> returned = false;
  auto answer = std::async(std::launch::async, [&] {
    const bool saved = virDomainSaveFlags(domain.get(), file_.c_str(), nullptr,
                                          flags_ | VIR_DOMAIN_SAVE_RUNNING) == 0;
    const std::string why = saved ? "" : last_failure().message;
    returned = true;
    return why;
  });
  bool aborted = false;
  while (!returned) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    if (aborted || (deadline_now_ns() - start < timeout_.count() && !interrupted())) continue;
    aborted = true;
    virDomainAbortJob(domain.get());
  }
  const std::string why = answer.get();
  result.facts["aborted"] = aborted;
  if (!why.empty()) {
    result.reason =
        aborted ? fmt::format("aborted after {}: {}", format_duration(timeout_), why) : why;
    return false;
  }
  result.phases.push_back({"save", start, deadline_now_ns()});
  return true;
}

void SaveRestore::restore(const Connection& source, const Connection& destination,
                          MoveResult& result) const {
  const std::int64_t start = deadline_now_ns();
  const auto restore_at = [&](const Connection& connection) {
    return virDomainRestoreFlags(connection.get(), file_.c_str(), nullptr,
                                 flags_ | VIR_DOMAIN_SAVE_RUNNING) == 0;
  };
  if (restore_at(destination)) {
    result.phases.push_back({"restore", start, deadline_now_ns()});
    return;
  }
  result.moved = false;
  result.reason = last_failure().message;
  if (!restore_at(source)) {
    throw Error(
        fmt::format("{} could be restored neither on {} ({}) nor on {} ({}); its memory is in {}",
                    machine_.name(), destination_.name(), result.reason, source_.name(),
                    last_failure().message, file_.string()));
  }
  result.phases.push_back({"restore at the source", start, deadline_now_ns()});
}

MoveResult SaveRestore::move() {
  MoveResult result;
  result.request_ns = deadline_now_ns();
  try {
    const Connection source(at_source_->uri());
    const Connection destination(at_destination_->uri());
    result.phases.push_back({"connect", result.request_ns, deadline_now_ns()});
    auto domain = source.find(machine_.domain_name());
    if (!domain) throw last_error("find the virtual machine");
    result.moved = save(*domain, result);
    if (result.moved) restore(source, destination, result);
    result.done_ns = deadline_now_ns();
  } catch (const Error& failed) {
    result.done_ns = deadline_now_ns();
    const Whereabouts found = settle_whereabouts(machine_, source_, destination_);
    if (found.source != VIR_DOMAIN_RUNNING) throw;
    result.moved = false;
    result.reason = failed.what();
  }
  std::error_code unknown;
  if (const auto bytes = fs::file_size(file_, unknown); !unknown)
    result.facts["saved_bytes"] = bytes;
  result.facts["file"] = file_.string();
  result.facts["libvirt"] = at_source_->library_version();
  result.facts["hypervisor"] = at_source_->hypervisor_version();
  if (result.moved) machine_.moved_to(destination_);
  return result;
}

}  // namespace migbench::libvirt

#endif
