#include "harness/guest/kernel.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include <elf.h>
#include <fmt/format.h>
#include <strings.h>

#include "bench/document.hpp"
#include "harness/guest/archive.hpp"
#include "harness/guest/files.hpp"

namespace migbench::guest {

namespace fs = std::filesystem;

namespace {

constexpr std::uint32_t kXenPhys32Entry = 18;  // XEN_ELFNOTE_PHYS32_ENTRY, Xen's elfnote.h

template <class Value>
Value value_at(std::string_view bytes, std::size_t offset) {
  Value value{};
  if (offset + sizeof value > bytes.size()) throw Error("the kernel image ends too early");
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

bool newer(const GuestKernel& a, const GuestKernel& b) {
  return ::strverscmp(a.release.c_str(), b.release.c_str()) > 0;
}

/// Kernels of a tree that has boot/vmlinuz-R and lib/modules/R.
std::vector<GuestKernel> kernels_in(const fs::path& root) {
  std::vector<GuestKernel> found;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(root / "boot", absent)) {
    const std::string file = entry.path().filename();
    if (file.rfind("vmlinuz-", 0) != 0) continue;
    GuestKernel kernel{file.substr(8), entry.path(), {}};
    kernel.modules = root / "lib/modules" / kernel.release;
    if (fs::exists(kernel.modules / "modules.builtin", absent)) found.push_back(kernel);
  }
  std::sort(found.begin(), found.end(), newer);
  return found;
}

}  // namespace

std::variant<GuestKernel, Unsupported> find_kernel() {
  for (const fs::path& root : {cache_directory() / "kernel", fs::path("/")}) {
    if (const auto found = kernels_in(root); !found.empty()) return found.front();
  }
  return Unsupported{
      fmt::format("no kernel for guests: neither {} nor /boot has one with its modules",
                  (cache_directory() / "kernel").string()),
      "run scripts/guest_kernel.sh (it downloads the distribution's kernel package, "
      "70 MB, and unpacks it into the cache; nothing is installed)"};
}

// Documentation/x86/boot.rst of Linux: setup_sects at 0x1f1, "HdrS" at 0x202, payload_offset at
// 0x248 counted from the protected-mode code, payload_length at 0x24c.
std::string_view bzimage_payload(std::string_view image) {
  if (image.size() < 0x260 || image.substr(0x202, 4) != "HdrS") {
    throw Error("this is not an x86 Linux kernel (bzImage)");
  }
  const auto sectors = value_at<std::uint8_t>(image, 0x1f1);
  const std::size_t code = (static_cast<std::size_t>(sectors == 0 ? 4 : sectors) + 1) * 512;
  const std::size_t start = code + value_at<std::uint32_t>(image, 0x248);
  const std::size_t length = value_at<std::uint32_t>(image, 0x24c);
  if (length < 4 || start + length > image.size())
    throw Error("the bzImage's payload is cut short");
  return image.substr(start, length - 4);  // the last four bytes are the unpacked size
}

bool has_pvh_entry(std::string_view vmlinux) {
  if (vmlinux.substr(0, SELFMAG) != std::string_view(ELFMAG, SELFMAG)) return false;
  const auto header = value_at<Elf64_Ehdr>(vmlinux, 0);
  for (std::size_t i = 0; i < header.e_phnum; ++i) {
    const auto segment = value_at<Elf64_Phdr>(vmlinux, header.e_phoff + i * sizeof(Elf64_Phdr));
    if (segment.p_type != PT_NOTE) continue;
    std::size_t at = segment.p_offset;
    const std::size_t end = segment.p_offset + segment.p_filesz;
    while (at + sizeof(Elf64_Nhdr) <= end) {
      const auto note = value_at<Elf64_Nhdr>(vmlinux, at);
      const bool xen = vmlinux.substr(at + sizeof note, 3) == "Xen";
      if (xen && note.n_type == kXenPhys32Entry) return true;
      const auto padded = [](std::size_t size) { return (size + 3) / 4 * 4; };
      at += sizeof note + padded(note.n_namesz) + padded(note.n_descsz);
    }
  }
  return false;
}

fs::path boot_image(const GuestKernel& kernel) {
  const std::string image = read_file(kernel.image);
  const std::string name = fmt::format("boot/vmlinux-{}-{}", kernel.release, content_id(image));
  const fs::path vmlinux = cached(name, [&](const fs::path& path) {
    const std::string unpacked = decompress(bzimage_payload(image));
    write_text(path, has_pvh_entry(unpacked) ? unpacked : "");
  });
  return fs::file_size(vmlinux) == 0 ? kernel.image : vmlinux;
}

}  // namespace migbench::guest
