// Environment passthrough: a virtual machine that has a whole network device of its node.
#include "harness/environment/borrowed_device.hpp"

namespace migbench {

namespace {

class Passthrough final : public BorrowedDevice {
 public:
  [[nodiscard]] std::string_view name() const override { return "passthrough"; }
  [[nodiscard]] std::string_view summary() const override {
    return "a virtual machine with a whole PCI network device of its node";
  }
};

MIGBENCH_REGISTER(Environment, Passthrough);

}  // namespace

}  // namespace migbench
