// kvm-suspend: non-live migration. The shortest migration time, the whole copy is downtime.
#include "harness/libvirt/migrating_technique.hpp"

namespace migbench {

namespace {

class KvmSuspend final : public libvirt::MigratingTechnique<libvirt::Mode::suspend> {
 public:
  [[nodiscard]] std::string_view name() const override { return "kvm-suspend"; }
  [[nodiscard]] std::string_view summary() const override {
    return "the virtual machine is paused, copied and resumed elsewhere";
  }
};

MIGBENCH_REGISTER(Technique, KvmSuspend);

}  // namespace

}  // namespace migbench
