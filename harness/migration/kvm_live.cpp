// kvm-live: pre-copy migration. Memory is copied while the guest runs, again what it rewrote
// meanwhile, until what is left can be sent within the maximum downtime.
#include "harness/libvirt/migrating_technique.hpp"

namespace migbench {

namespace {

class KvmLive final : public libvirt::MigratingTechnique<libvirt::Mode::live> {
 public:
  [[nodiscard]] std::string_view name() const override { return "kvm-live"; }
  [[nodiscard]] std::string_view summary() const override {
    return "pre-copy: the virtual machine runs while its memory is copied in iterations";
  }
};

MIGBENCH_REGISTER(Technique, KvmLive);

}  // namespace

}  // namespace migbench
