// Environment sriov: a virtual machine that has a virtual function of a network device of its node.
#include "harness/environment/borrowed_device.hpp"

namespace migbench {

namespace {

class SriovFunction final : public BorrowedDevice {
 public:
  [[nodiscard]] std::string_view name() const override { return "sriov"; }
  [[nodiscard]] std::string_view summary() const override {
    return "a virtual machine with a virtual function (SR-IOV) of a network device";
  }
};

MIGBENCH_REGISTER(Environment, SriovFunction);

}  // namespace

}  // namespace migbench
