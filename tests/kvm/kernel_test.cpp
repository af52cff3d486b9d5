// Reading kernels and modules.
#include "harness/guest/kernel.hpp"

#include <cstring>
#include <string>

#include <elf.h>

#include "bench/error.hpp"
#include "harness/guest/archive.hpp"
#include "tests/catch.hpp"
#include "tests/kvm/contains.hpp"

using namespace migbench;
using namespace migbench::guest;

namespace {

template <class Value>
void put(std::string& bytes, std::size_t at, const Value& value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

/// A bzImage of two setup sectors whose payload, 16 bytes into the code, is "PAYLOAD" and a size.
std::string bzimage() {
  std::string image(2048, '\0');
  image[0x1f1] = 1;
  std::memcpy(image.data() + 0x202, "HdrS", 4);
  put<std::uint32_t>(image, 0x248, 16);
  put<std::uint32_t>(image, 0x24c, 11);
  std::memcpy(image.data() + 1024 + 16, "PAYLOAD", 7);
  return image;
}

/// An ELF file with one note.
std::string elf_with_note(const char* owner, std::uint32_t type) {
  std::string image(sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr) + 64, '\0');
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_phoff = sizeof header;
  header.e_phnum = 1;
  Elf64_Phdr segment{};
  segment.p_type = PT_NOTE;
  segment.p_offset = sizeof header + sizeof segment;
  segment.p_filesz = sizeof(Elf64_Nhdr) + 4 + 4;
  Elf64_Nhdr note{4, 4, type};
  put(image, 0, header);
  put(image, sizeof header, segment);
  put(image, segment.p_offset, note);
  std::memcpy(image.data() + segment.p_offset + sizeof note, owner, 4);
  return image;
}

}  // namespace

TEST_CASE("the payload of a bzImage is found by its header") {
  CHECK(bzimage_payload(bzimage()) == "PAYLOAD");
  CHECK_THROWS_AS(bzimage_payload("MZ"), Error);
  std::string cut = bzimage();
  put<std::uint32_t>(cut, 0x24c, 4096);
  CHECK_THROWS_AS(bzimage_payload(cut), Error);
}

TEST_CASE("a PVH entry is known by its note") {
  CHECK(has_pvh_entry(elf_with_note("Xen", 18)));
  CHECK_FALSE(has_pvh_entry(elf_with_note("Xen", 1)));
  CHECK_FALSE(has_pvh_entry(elf_with_note("GNU", 18)));
  CHECK_FALSE(has_pvh_entry("not an ELF file"));
}

TEST_CASE("a module's dependencies are read from its .modinfo") {
  using namespace std::string_literals;
  CHECK(module_dependencies("...\0license=GPL\0depends=virtio,virtio_ring\0name=x\0"s) ==
        std::vector<std::string>{"virtio", "virtio_ring"});
  CHECK(module_dependencies("...\0depends=\0name=x\0"s).empty());
  CHECK(module_dependencies("nothing of the kind").empty());
}

TEST_CASE("the guests' kernel has its network modules, each after what it needs") {
  const auto found = find_kernel();
  if (const auto* none = std::get_if<Unsupported>(&found))
    skip_test(none->reason + "; " + none->remedy);
  if (const auto missing = archive_support()) skip_test(missing->reason);
  const auto& kernel = std::get<GuestKernel>(found);
  const auto files = module_files(kernel, {"virtio-net", "virtio_pci"});
  const auto at = [&](const std::string& name) {
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (files[i].filename().string().rfind(name + ".ko", 0) == 0) return static_cast<int>(i);
    }
    return -1;
  };
  // -1: built into this kernel, which is in order too.
  CHECK(at("virtio_ring") <= at("virtio"));
  CHECK(at("virtio") <= at("virtio_net"));
  CHECK(at("virtio") <= at("virtio_pci"));
  CHECK_THROWS_WITH(module_files(kernel, {"no_such_module"}), Contains("no_such_module"));
}
