// kvm-postcopy: some iterations of pre-copy, then the guest goes on at the destination and its
// memory follows. It always ends, but a failure in the second part loses the guest.
#include "harness/libvirt/migrating_technique.hpp"

namespace migbench {

namespace {

class KvmPostcopy final : public libvirt::MigratingTechnique<libvirt::Mode::postcopy> {
 public:
  [[nodiscard]] std::string_view name() const override { return "kvm-postcopy"; }
  [[nodiscard]] std::string_view summary() const override {
    return "post-copy: the virtual machine goes on elsewhere and pulls its memory";
  }
};

MIGBENCH_REGISTER(Technique, KvmPostcopy);

}  // namespace

}  // namespace migbench
