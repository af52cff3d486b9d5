// What the kvm techniques have in common.
#pragma once

#include <migbench_have.hpp>

#include "harness/libvirt/daemon.hpp"
#include "harness/migration/technique.hpp"

#if MIGBENCH_HAVE_LIBVIRT
#include "harness/libvirt/transfer.hpp"
#endif

namespace migbench::libvirt {

/// Moves instances of `kvm`.
class KvmTechnique : public Technique {
 public:
  [[nodiscard]] std::vector<std::string_view> environments() const override { return {"kvm"}; }
  [[nodiscard]] Support check(const Site* site) const override {
#if MIGBENCH_HAVE_LIBVIRT
    if (site != nullptr && site->kind() != "local") return std::nullopt;
    return daemon_support();
#else
    (void)site;
    return Unsupported{"this build has no libvirt",
                       "apt-get install libvirt-dev, then build again"};
#endif
  }
};

#if MIGBENCH_HAVE_LIBVIRT
/// One that is a single call to libvirt in some mode.
template <Mode mode>
class MigratingTechnique : public KvmTechnique {
 public:
  [[nodiscard]] std::vector<std::string_view> parameters() const override {
    return migrate_parameters(mode);
  }
  [[nodiscard]] std::unique_ptr<Migration> prepare(const MoveRequest& request) const override {
    return std::make_unique<Transfer>(request, mode);
  }
};
#else
enum class Mode { suspend, live, postcopy };
template <Mode mode>
class MigratingTechnique : public KvmTechnique {
 public:
  [[nodiscard]] std::unique_ptr<Migration> prepare(const MoveRequest& request) const override {
    throw Error(check(request.site)->reason);
  }
};
#endif

}  // namespace migbench::libvirt
