// kvm-vfio: a virtual machine is migrated live with its VF, whose state VFIO carries into a VF of
// its new node.
#include "harness/libvirt/migrating_technique.hpp"

#if MIGBENCH_HAVE_LIBVIRT
#include "harness/libvirt/vfio_move.hpp"
#endif

namespace migbench {

namespace {

class KvmVfio final : public libvirt::KvmTechnique {
 public:
  [[nodiscard]] std::string_view name() const override { return "kvm-vfio"; }
  [[nodiscard]] std::string_view summary() const override {
    return "the virtual machine is migrated live with its VF, whose driver saves the VF's state";
  }
  [[nodiscard]] std::vector<std::string_view> environments() const override { return {"sriov"}; }
  [[nodiscard]] Support check(const Site* site) const override {
#if MIGBENCH_HAVE_LIBVIRT
    if (auto missing = libvirt::vfio_migration_support(site)) return missing;
#endif
    return KvmTechnique::check(site);
  }
#if MIGBENCH_HAVE_LIBVIRT
  [[nodiscard]] std::vector<std::string_view> parameters() const override {
    return libvirt::migrate_parameters(libvirt::Mode::live);
  }
  [[nodiscard]] std::unique_ptr<Migration> prepare(const MoveRequest& request) const override {
    return std::make_unique<libvirt::VfioMove>(request);
  }
#else
  [[nodiscard]] std::unique_ptr<Migration> prepare(const MoveRequest& request) const override {
    throw Error(check(request.site)->reason);
  }
#endif
};

MIGBENCH_REGISTER(Technique, KvmVfio);

}  // namespace

}  // namespace migbench
