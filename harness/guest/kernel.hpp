// The kernel that guests boot, and the modules it needs.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bench/error.hpp"

namespace migbench::guest {

struct GuestKernel {
  std::string release;            ///< "6.1.0-56-amd64"
  std::filesystem::path image;    ///< the distribution's bzImage (vmlinuz-RELEASE)
  std::filesystem::path modules;  ///< lib/modules/RELEASE
};

/// The newest kernel that scripts/guest_kernel.sh unpacked into cache_directory()/kernel, else the
/// newest of /boot that can be read with its modules. Where there is none: what to do about it.
[[nodiscard]] std::variant<GuestKernel, Unsupported> find_kernel();

/// The uncompressed kernel (vmlinux) inside a bzImage, kept in the cache: it boots through the PVH
/// entry in half the time that a bzImage needs under emulation. The bzImage itself where it has no
/// such entry. Throws Error for what is no x86 kernel.
[[nodiscard]] std::filesystem::path boot_image(const GuestKernel& kernel);

/// The compressed vmlinux within a bzImage (the boot protocol's payload_offset and payload_length).
/// Throws Error where there is none.
[[nodiscard]] std::string_view bzimage_payload(std::string_view image);

/// Whether an ELF kernel has the note by which hypervisors find its PVH entry
/// (XEN_ELFNOTE_PHYS32_ENTRY).
[[nodiscard]] bool has_pvh_entry(std::string_view vmlinux);

/// The .ko files that give these modules, each after the ones it depends on; modules that are built
/// into the kernel need none. Throws Error that names a module this kernel does not have.
[[nodiscard]] std::vector<std::filesystem::path> module_files(
    const GuestKernel& kernel, const std::vector<std::string>& names);

/// The names in the "depends=" entry of a module's .modinfo section.
[[nodiscard]] std::vector<std::string> module_dependencies(std::string_view module);

}  // namespace migbench::guest
