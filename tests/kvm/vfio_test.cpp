// Which hosts can migrate a machine together with its VF.
#include <migbench_have.hpp>
#if MIGBENCH_HAVE_LIBVIRT

#include "harness/libvirt/vfio_move.hpp"
#include "tests/catch.hpp"

using migbench::libvirt::saves_state;

TEST_CASE("a driver that saves a device's state is known by its name in sysfs") {
  CHECK(saves_state({"igb", "mlx5_vfio_pci"}));
  CHECK(saves_state({"hisi_acc_vfio_pci"}));
  CHECK_FALSE(saves_state({"igbvf", "vfio-pci", "mlx5_core"}));
}

#endif
