#include <migbench_have.hpp>
#if MIGBENCH_HAVE_LIBVIRT

#include <fmt/format.h>
#include <libvirt/virterror.h>

#include "harness/libvirt/connection.hpp"
#include "harness/libvirt/event_loop.hpp"

namespace migbench::libvirt {

Failure last_failure() {
  const virError* error = virGetLastError();
  if (error == nullptr) return {0, "no reason given"};
  return {error->code, error->message != nullptr ? error->message : "no reason given"};
}

Error last_error(const std::string& tried) {
  return Error(fmt::format("{}: {}", tried, last_failure().message));
}

std::string Domain::xml() const {
  const std::unique_ptr<char, decltype(&std::free)> text(virDomainGetXMLDesc(domain_.get(), 0),
                                                         &std::free);
  if (!text) throw last_error("read the domain's definition");
  return text.get();
}

int Domain::state() const noexcept {
  int state = VIR_DOMAIN_NOSTATE;
  int reason = 0;
  return virDomainGetState(domain_.get(), &state, &reason, 0) == 0 ? state : VIR_DOMAIN_NOSTATE;
}

void Domain::destroy() noexcept {
  virDomainDestroy(domain_.get());
}

Connection::Connection(const std::string& uri) : uri_(uri) {
  start_event_loop();
  connection_.reset(virConnectOpen(uri.c_str()));
  if (!connection_) {
    const Failure why = last_failure();
    throw Error(fmt::format("connect to {}: {} ({} `virsh -c '{}' list` tries the same)", uri,
                            why.message,
                            why.code == VIR_ERR_NO_CONNECT
                                ? "that libvirt has no driver for it, or none that works there:"
                                : "is libvirtd running there, and may this user use it?",
                            uri));
  }
  virConnectSetKeepAlive(connection_.get(), 1, 5);  // every second; dead after five without answer
}

Domain Connection::create(const std::string& xml) const {
  virDomainPtr domain = virDomainCreateXML(connection_.get(), xml.c_str(), 0);
  if (domain == nullptr) throw last_error("start a virtual machine at " + uri_);
  return Domain(domain);
}

std::optional<Domain> Connection::find(const std::string& name) const {
  virDomainPtr domain = virDomainLookupByName(connection_.get(), name.c_str());
  if (domain == nullptr) return std::nullopt;
  return Domain(domain);
}

std::vector<Domain> Connection::active_domains() const {
  virDomainPtr* list = nullptr;
  const int count =
      virConnectListAllDomains(connection_.get(), &list, VIR_CONNECT_LIST_DOMAINS_ACTIVE);
  if (count < 0) throw last_error("list the virtual machines at " + uri_);
  std::vector<Domain> domains;
  for (int i = 0; i < count; ++i)
    domains.emplace_back(list[i]);
  std::free(list);  // NOLINT(cppcoreguidelines-no-malloc): libvirt's own allocation
  return domains;
}

std::string Connection::capabilities() const {
  const std::unique_ptr<char, decltype(&std::free)> text(
      virConnectGetCapabilities(connection_.get()), &std::free);
  if (!text) throw last_error("read the capabilities of " + uri_);
  return text.get();
}

bool Connection::offers_migration() const {
  return capabilities().find("<migration_features>") != std::string::npos;
}

bool Connection::offers_kvm() const {
  return capabilities().find("<domain type='kvm'") != std::string::npos;
}

unsigned long Connection::library_number() const noexcept {
  unsigned long version = 0;
  return virConnectGetLibVersion(connection_.get(), &version) == 0 ? version : 0;
}

std::string version_text(unsigned long version) {
  return fmt::format("{}.{}.{}", version / 1'000'000, version / 1'000 % 1'000, version % 1'000);
}

std::string Connection::hypervisor_version() const {
  unsigned long version = 0;
  const char* type = virConnectGetType(connection_.get());
  if (virConnectGetVersion(connection_.get(), &version) != 0) version = 0;
  return fmt::format("{} {}", type != nullptr ? type : "unknown", version_text(version));
}

std::string Connection::library_version() const {
  const unsigned long version = library_number();
  return version == 0 ? "unknown" : version_text(version);
}

}  // namespace migbench::libvirt

#endif
