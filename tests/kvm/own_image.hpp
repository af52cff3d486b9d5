// A virtual machine as a user brings it: a disk that boots by itself, with an sshd and without
// anything of migbench's harness.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace migbench {

struct OwnImage {
  std::string address;                  ///< the guest's own, "10.77.0.60/24"
  std::filesystem::path authorized;     ///< whom root's sshd lets in
  std::filesystem::path host_key;       ///< of that sshd
  std::vector<std::string> programs{};  ///< that it has installed, at their paths here
};

/// Or the test is skipped; to be asked first.
void need_image_tools();

/// Makes directory/guest.qcow2: a partition table with GRUB in front, a file system with the
/// distribution's kernel.
std::filesystem::path make_own_image(const std::filesystem::path& directory, const OwnImage& what);

}  // namespace migbench
