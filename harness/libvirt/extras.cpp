#include "harness/libvirt/extras.hpp"

#include "bench/error.hpp"
#include "harness/programs.hpp"

namespace migbench::libvirt {

namespace fs = std::filesystem;

namespace {

/// libibverbs loads a provider for each device: /etc/libibverbs.d/*.driver name them, and they lie
/// in a directory of this name beside the library.
std::vector<fs::path> providers() {
  std::vector<fs::path> files;
  for (const char* directory : {"/etc/libibverbs.d", "/usr/lib/x86_64-linux-gnu/libibverbs",
                                "/usr/lib64/libibverbs", "/usr/lib/libibverbs"}) {
    std::error_code absent;
    for (fs::directory_iterator entry(directory, absent), end; !absent && entry != end;
         entry.increment(absent)) {
      const fs::path extension = entry->path().extension();
      if (extension == ".driver" || extension == ".so") files.push_back(entry->path());
    }
  }
  return files;
}

}  // namespace

void add_rdma(Extras& extras) {
  extras.modules.insert(extras.modules.end(), {"ib_uverbs", "rdma_ucm"});
  for (const char* program : {"ip", "rdma", "cat", "grep", "sleep"})
    extras.programs.push_back(find_program(program));
  const auto libraries = providers();
  if (libraries.empty())
    throw Error("no provider of libibverbs is installed: apt-get install ibverbs-providers");
  extras.programs.insert(extras.programs.end(), libraries.begin(), libraries.end());
}

void add_soft_roce(Extras& extras) {
  add_rdma(extras);
  extras.modules.emplace_back("rdma_rxe");
  extras.when_up.push_back({{"rdma", "link", "add", "rxe0", "type", "rxe", "netdev", "eth0"}});
  extras.soft_roce = true;
  extras.facts["rdma"] = "soft-RoCE over eth0 (virtio)";
}

}  // namespace migbench::libvirt
