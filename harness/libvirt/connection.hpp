// A connection to a hypervisor's daemon and the domains on it, as values that end by themselves.
// Only in builds that have libvirt (MIGBENCH_HAVE_LIBVIRT).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <libvirt/libvirt.h>

#include "harness/libvirt/error.hpp"

namespace migbench::libvirt {

struct FreeConnection {
  void operator()(virConnectPtr connection) const noexcept { virConnectClose(connection); }
};
struct FreeDomain {
  void operator()(virDomainPtr domain) const noexcept { virDomainFree(domain); }
};

/// A domain as one connection sees it. After a migration it has to be looked up at the other end.
class Domain {
 public:
  explicit Domain(virDomainPtr domain) : domain_(domain) {}
  [[nodiscard]] virDomainPtr get() const noexcept { return domain_.get(); }
  [[nodiscard]] std::string name() const { return virDomainGetName(domain_.get()); }
  /// The effective definition: with every default that libvirt filled in. Throws Error.
  [[nodiscard]] std::string xml() const;
  /// VIR_DOMAIN_RUNNING, _PAUSED, ...; VIR_DOMAIN_NOSTATE where the daemon does not know it (any
  /// more).
  [[nodiscard]] int state() const noexcept;
  /// Ends it at once. Nothing happens where it is gone.
  void destroy() noexcept;

 private:
  std::unique_ptr<virDomain, FreeDomain> domain_;
};

class Connection {
 public:
  /// Starts the event loop before the first one. A dead peer is noticed after about 5 s. Throws
  /// Error with the remedy for the usual causes.
  explicit Connection(const std::string& uri);
  [[nodiscard]] virConnectPtr get() const noexcept { return connection_.get(); }
  [[nodiscard]] const std::string& uri() const noexcept { return uri_; }
  [[nodiscard]] bool alive() const noexcept { return virConnectIsAlive(connection_.get()) == 1; }

  /// Starts a transient domain: it leaves no definition behind when it ends. Throws Error.
  [[nodiscard]] Domain create(const std::string& xml) const;
  [[nodiscard]] std::optional<Domain> find(const std::string& name) const;
  [[nodiscard]] std::vector<Domain> active_domains() const;
  /// Whether its driver can migrate at all, by its capabilities: QEMU's, Xen's and Virtuozzo's can,
  /// that of LXC cannot. Throws Error where it does not tell.
  [[nodiscard]] bool offers_migration() const;
  /// Whether it lists KVM among what it runs. Throws Error where it does not tell.
  [[nodiscard]] bool offers_kvm() const;
  /// virConnectGetLibVersion(), 9001000 for 9.1.0; 0: unknown.
  [[nodiscard]] unsigned long library_number() const noexcept;
  /// {"hypervisor": "QEMU 7.2.22", "libvirt": "9.0.0", "uri"}: for the record.
  [[nodiscard]] std::string hypervisor_version() const;
  [[nodiscard]] std::string library_version() const;

 private:
  [[nodiscard]] std::string capabilities() const;

  std::string uri_;
  std::unique_ptr<virConnect, FreeConnection> connection_;
};

/// "9.0.0" of libvirt's 9000000.
[[nodiscard]] std::string version_text(unsigned long version);

}  // namespace migbench::libvirt
