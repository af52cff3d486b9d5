// Whether guests can use KVM here: found out by booting one, because /dev/kvm is also there where
// it cannot run a guest (nested hypervisors).
#pragma once

#include <string>

#include "bench/units.hpp"

namespace migbench::guest {

struct Acceleration {
  bool kvm = false;
  std::string reason{};  ///< why not, where it is not: "a guest did not boot within 8 s"
  Nanoseconds boot{};    ///< how long the guest of the trial took, where it booted
};

/// Boots a small guest with KVM, once in a boot of this machine and a version of QEMU (the answer
/// is kept in the cache). MIGBENCH_ACCELERATION=kvm or tcg decides without a trial.
[[nodiscard]] Acceleration choose_acceleration();

/// The trial itself. Throws Error where there is no QEMU or no image.
[[nodiscard]] Acceleration try_kvm(Nanoseconds deadline);

/// "emulated: TCG", the label of every number from a guest without KVM.
inline constexpr const char* kEmulatedLabel = "emulated: TCG";

}  // namespace migbench::guest
