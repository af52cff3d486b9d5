#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <sstream>

#include <elf.h>
#include <fmt/format.h>

#include "harness/guest/archive.hpp"
#include "harness/guest/files.hpp"
#include "harness/guest/kernel.hpp"

namespace migbench::guest {

namespace fs = std::filesystem;

namespace {

/// "virtio-net" and "virtio_net" are one module.
std::string canonical_name(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

/// ".../virtio_net.ko.xz" -> "virtio_net"
std::string module_name(const fs::path& file) {
  const std::string name = file.filename();
  const auto end = name.find(".ko");
  return end == std::string::npos ? "" : canonical_name(name.substr(0, end));
}

/// Dependencies that no .modinfo has. Found by booting: virtio_pci fails where virtio was loaded
/// before virtio_ring, and rxe wants crc32 by its crypto name only.
const std::map<std::string, std::vector<std::string>>& unwritten_dependencies() {
  static const std::map<std::string, std::vector<std::string>> all{
      {"virtio", {"virtio_ring"}},
      {"rdma_rxe", {"crc32_generic"}},
  };
  return all;
}

class Resolver {
 public:
  explicit Resolver(const GuestKernel& kernel) : kernel_(kernel) {
    for (const auto& entry : fs::recursive_directory_iterator(kernel.modules / "kernel")) {
      if (const std::string name = module_name(entry.path()); !name.empty())
        files_[name] = entry.path();
    }
    std::istringstream lines(read_file(kernel.modules / "modules.builtin"));
    for (std::string line; std::getline(lines, line);)
      built_in_.insert(module_name(line));
  }

  void need(const std::string& given) {
    const std::string name = canonical_name(given);
    if (built_in_.count(name) != 0 || !seen_.insert(name).second) return;
    const auto file = files_.find(name);
    if (file == files_.end()) {
      throw Error(
          fmt::format("kernel {} has no module '{}'; take a kernel that has it "
                      "(scripts/guest_kernel.sh --flavour amd64)",
                      kernel_.release, given));
    }
    if (const auto more = unwritten_dependencies().find(name);
        more != unwritten_dependencies().end()) {
      for (const std::string& dependency : more->second)
        need(dependency);
    }
    for (const std::string& dependency : module_dependencies(decompress(read_file(file->second))))
      need(dependency);
    order_.push_back(file->second);
  }

  [[nodiscard]] std::vector<fs::path> order() const { return order_; }

 private:
  const GuestKernel& kernel_;
  std::map<std::string, fs::path> files_;
  std::set<std::string> built_in_;
  std::set<std::string> seen_;
  std::vector<fs::path> order_;
};

}  // namespace

std::vector<std::string> module_dependencies(std::string_view module) {
  // .modinfo is a run of zero-terminated "key=value" strings; "depends=" occurs once, at the start
  // of one.
  constexpr std::string_view key("\0depends=", 9);
  const auto at = module.find(key);
  std::vector<std::string> names;
  if (at == std::string_view::npos) return names;
  const std::string_view value = module.substr(at + key.size());
  std::istringstream list{std::string(value.substr(0, value.find('\0')))};
  for (std::string name; std::getline(list, name, ',');)
    names.push_back(name);
  return names;
}

std::vector<fs::path> module_files(const GuestKernel& kernel,
                                   const std::vector<std::string>& names) {
  Resolver resolver(kernel);
  for (const std::string& name : names)
    resolver.need(name);
  return resolver.order();
}

}  // namespace migbench::guest
