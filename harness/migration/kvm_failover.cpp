// kvm-failover: a virtual machine with a VF gives it up, is migrated live over the virtio interface
// that stands in, and gets a VF of its new node.
#include "harness/libvirt/migrating_technique.hpp"

#if MIGBENCH_HAVE_LIBVIRT
#include "harness/libvirt/failover.hpp"
#endif

namespace migbench {

namespace {

class KvmFailover final : public libvirt::KvmTechnique {
 public:
  [[nodiscard]] std::string_view name() const override { return "kvm-failover"; }
  [[nodiscard]] std::string_view summary() const override {
    return "the VF is unplugged, the virtual machine migrated live, a VF of the destination "
           "plugged in";
  }
  [[nodiscard]] std::vector<std::string_view> environments() const override { return {"sriov"}; }
  [[nodiscard]] Support check(const Site* site) const override {
    if (site != nullptr && site->kind() == "local")
      return Unsupported{
          "virtual nodes share one machine's card, and their libvirt does not see its interface",
          "use `migbench lab run`, or a cluster"};
    const auto& environments = Registry<Environment>::instance();
    if (auto missing = environments.at("sriov", "environment").check(site)) return missing;
    return KvmTechnique::check(site);
  }
#if MIGBENCH_HAVE_LIBVIRT
  [[nodiscard]] std::vector<std::string_view> parameters() const override {
    return libvirt::migrate_parameters(libvirt::Mode::live);
  }
  [[nodiscard]] std::unique_ptr<Migration> prepare(const MoveRequest& request) const override {
    return std::make_unique<libvirt::Failover>(request);
  }
#else
  [[nodiscard]] std::unique_ptr<Migration> prepare(const MoveRequest& request) const override {
    throw Error(check(request.site)->reason);
  }
#endif
};

MIGBENCH_REGISTER(Technique, KvmFailover);

}  // namespace

}  // namespace migbench
