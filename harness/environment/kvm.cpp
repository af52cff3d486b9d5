// Environment kvm: a virtual machine with virtio network, made through libvirt.
#include <migbench_have.hpp>

#include "harness/environment/environment.hpp"
#include "harness/environment/own_devices.hpp"
#include "harness/environment/start_together.hpp"
#include "harness/guest/image.hpp"
#include "harness/lab/lab_site.hpp"
#include "harness/libvirt/daemon.hpp"
#include "harness/libvirt/extras.hpp"
#include "harness/libvirt/settings.hpp"

#if MIGBENCH_HAVE_LIBVIRT
#include "harness/libvirt/machine.hpp"
#endif

namespace migbench {

namespace {

class Kvm final : public Environment, public OwnDevices {
 public:
  [[nodiscard]] std::string_view name() const override { return "kvm"; }
  [[nodiscard]] std::string_view summary() const override {
    return "a virtual machine with virtio network, through libvirt";
  }
  [[nodiscard]] std::vector<std::string_view> parameters() const override {
    return libvirt::machine_parameters();
  }
  [[nodiscard]] bool has_rdma(const nlohmann::json& parameters) const override {
    return libvirt::machine_settings(parameters).soft_roce;
  }

#if MIGBENCH_HAVE_LIBVIRT
  [[nodiscard]] Support check(const Site* site) const override {
    // On a cluster the daemons run on its nodes, and what is missing there shows when they are
    // asked.
    if (site != nullptr && site->kind() != "local") return std::nullopt;
    if (auto missing = libvirt::daemon_support()) return missing;
    return guest::image_support();
  }

  [[nodiscard]] std::unique_ptr<Instance> bring_up(Site& site,
                                                   const InstanceRequest& request) const override {
    auto machine = start(site, request);
    machine->wait_until_up();
    return machine;
  }

  /// All of them boot at the same time.
  [[nodiscard]] std::vector<std::unique_ptr<Instance>> bring_up_all(
      Site& site, const std::vector<InstanceRequest>& requests) const override {
    return start_together(libvirt::shared_out(requests),
                          [&](const InstanceRequest& request) { return bring_up(site, request); });
  }

 private:
  static std::unique_ptr<libvirt::Machine> start(Site& site, const InstanceRequest& request) {
    const auto settings = libvirt::machine_settings(request.parameters);
    libvirt::Extras extras;
    // Beside an emulated host's card, virtio carries RDMA without being asked.
    if (settings.soft_roce || lab::as_lab(&site) != nullptr) libvirt::add_soft_roce(extras);
    return std::make_unique<libvirt::Machine>(site, request, settings, std::move(extras));
  }
#else
  [[nodiscard]] Support check(const Site* /*site*/) const override {
    return Unsupported{"this build has no libvirt",
                       "apt-get install libvirt-dev, then build again"};
  }

  [[nodiscard]] std::unique_ptr<Instance> bring_up(
      Site& site, const InstanceRequest& /*request*/) const override {
    throw Error(check(&site)->reason);
  }
#endif
};

MIGBENCH_REGISTER(Environment, Kvm);

}  // namespace

}  // namespace migbench
