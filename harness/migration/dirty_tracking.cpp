#include "harness/migration/dirty_tracking.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "harness/site/unique_fd.hpp"

namespace migbench {
namespace {

/// Forgets what this process has written (Documentation/admin-guide/mm/soft-dirty.rst).
constexpr char kClearSoftDirty = '4';
constexpr unsigned kSoftDirtyBit = 55;

struct Unmap {
  std::size_t size;
  void operator()(void* memory) const noexcept { ::munmap(memory, size); }
};

/// Empty where the page map cannot be read.
std::optional<bool> is_dirty(int map, const void* page, std::size_t size) {
  std::uint64_t entry = 0;
  const auto at = reinterpret_cast<std::uintptr_t>(page) / size * sizeof entry;
  if (::pread(map, &entry, sizeof entry, static_cast<off_t>(at)) != sizeof entry)
    return std::nullopt;
  return ((entry >> kSoftDirtyBit) & 1U) != 0;
}

/// What went wrong, or empty.
std::string try_it() {
  const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return system_error("map a page").what();
  const std::unique_ptr<void, Unmap> owner(memory, Unmap{size});
  auto* page = static_cast<volatile char*>(memory);
  const UniqueFd map(::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
  const UniqueFd clear(::open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC));
  if (!map || !clear) return system_error("open /proc/self/pagemap and clear_refs").what();
  *page = 1;
  if (::write(clear.get(), &kClearSoftDirty, 1) != 1)
    return system_error("write 4 to /proc/self/clear_refs").what();
  const auto before = is_dirty(map.get(), memory, size);
  *page = 2;
  const auto after = is_dirty(map.get(), memory, size);
  if (!before || !after) return "/proc/self/pagemap cannot be read";
  if (*before) return "a page is marked as written after all marks were cleared";
  if (!*after) return "a page that was written was not marked";
  return {};
}

}  // namespace

Support check_dirty_tracking() {
  const std::string failure = try_it();
  if (failure.empty()) return std::nullopt;
  utsname kernel{};
  ::uname(&kernel);
  return Unsupported{
      .reason = fmt::format("this kernel ({}) does not keep which pages are written: {}",
                            kernel.release, failure),
      .remedy = "use a kernel with CONFIG_MEM_SOFT_DIRTY (Debian's has it), or criu-lazy"};
}

}  // namespace migbench
