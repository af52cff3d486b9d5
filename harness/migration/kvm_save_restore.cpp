// kvm-save-restore: cold migration. The memory is written to a file that both nodes see, and read
// again at the destination.
#include "harness/libvirt/migrating_technique.hpp"

#if MIGBENCH_HAVE_LIBVIRT
#include "harness/libvirt/save_restore.hpp"
#endif

namespace migbench {

namespace {

class KvmSaveRestore final : public libvirt::KvmTechnique {
 public:
  [[nodiscard]] std::string_view name() const override { return "kvm-save-restore"; }
  [[nodiscard]] std::string_view summary() const override {
    return "the virtual machine's memory is saved to a file and restored elsewhere";
  }
#if MIGBENCH_HAVE_LIBVIRT
  [[nodiscard]] std::vector<std::string_view> parameters() const override {
    return libvirt::save_parameters();
  }
  [[nodiscard]] std::unique_ptr<Migration> prepare(const MoveRequest& request) const override {
    return std::make_unique<libvirt::SaveRestore>(request);
  }
#else
  [[nodiscard]] std::unique_ptr<Migration> prepare(const MoveRequest& request) const override {
    throw Error(check(request.site)->reason);
  }
#endif
};

MIGBENCH_REGISTER(Technique, KvmSaveRestore);

}  // namespace

}  // namespace migbench
