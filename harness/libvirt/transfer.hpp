// One migration of a virtual machine through libvirt: the call, what is watched meanwhile, and
// where the machine is afterwards.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "harness/libvirt/error.hpp"
#include "harness/libvirt/events.hpp"
#include "harness/libvirt/link_rate.hpp"
#include "harness/libvirt/machine.hpp"
#include "harness/libvirt/migrate_settings.hpp"
#include "harness/libvirt/watch.hpp"
#include "harness/migration/technique.hpp"

namespace migbench::libvirt {

/// The virtual machine behind a request. Throws InputError where it is none.
[[nodiscard]] Machine& machine_of(const MoveRequest& request);

/// Throws Error where this hypervisor's driver has no migration (LXC).
void check_migratable(const Connection& hypervisor);

/// libvirt's words, with what to do here where they do not say it.
[[nodiscard]] std::string explained(const Failure& failure);

/// Of a migration over parallel connections, for the record: how many, "none", "zlib" or "zstd",
/// and the bytes sent for each byte of the pages that were sent and are not all zero. libvirt's own
/// compression statistics are of xbzrle only.
[[nodiscard]] nlohmann::json parallel_facts(const MigrateSettings& settings,
                                            const JobStatistics& job);

/// The definition for the destination, made from that of the source.
using Rewrite = std::function<std::string(const std::string& xml)>;

/// Suspend, live and post-copy migration.
class Transfer final : public Migration {
 public:
  Transfer(const MoveRequest& request, Mode mode, Rewrite rewrite = {});
  [[nodiscard]] MoveResult move() override;

 private:
  /// What the call to libvirt came back with.
  struct Call {
    bool succeeded = false;
    std::string message{};
  };

  [[nodiscard]] unsigned flags() const;
  [[nodiscard]] Call call_libvirt(Domain& domain, const Connection* destination) const;
  void settle(MoveResult& result, const Call& call, const Watch& watch);
  void describe_phases(MoveResult& result, std::int64_t connected_ns, const Watch& watch) const;
  void describe_facts(MoveResult& result, const Watch& watch) const;

  Machine& machine_;
  Node& source_;
  Node& destination_;
  Mode mode_;
  Rewrite rewrite_;
  MigrateSettings settings_;
  Nanoseconds timeout_;
  std::shared_ptr<Connection> at_source_;
  std::shared_ptr<Connection> at_destination_;
  std::string peer_uri_;
  LinkRate source_rate_;
  LinkRate destination_rate_;
  std::unique_ptr<EventLog> source_events_;
  std::unique_ptr<EventLog> destination_events_;
};

}  // namespace migbench::libvirt
