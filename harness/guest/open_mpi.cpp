#include "harness/guest/open_mpi.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>

#include "bench/error.hpp"
#include "harness/programs.hpp"
#include "harness/site/process.hpp"

namespace migbench::guest {

namespace fs = std::filesystem;

namespace {

bool is_openshmem_plugin(const std::string& name) {
  constexpr std::array<std::string_view, 5> starts{"mca_atomic_", "mca_memheap_", "mca_scoll_",
                                                   "mca_spml_", "mca_sshmem_"};
  return std::any_of(starts.begin(), starts.end(),
                     [&](std::string_view start) { return name.starts_with(start); });
}

/// A guest with a virtio network has no fabric, and their libraries are a tenth of its image, which
/// has to fit into 128 MiB twice.
bool is_fabric_plugin(const std::string& name) {
  constexpr std::array<std::string_view, 3> starts{"mca_mtl_ofi", "mca_mtl_psm", "mca_btl_openib"};
  constexpr std::array<std::string_view, 4> ends{"_ucx.so", "_uct.so", "_ofi.so", "_usnic.so"};
  return std::any_of(starts.begin(), starts.end(),
                     [&](std::string_view start) { return name.starts_with(start); }) ||
         std::any_of(ends.begin(), ends.end(),
                     [&](std::string_view end) { return name.ends_with(end); });
}

}  // namespace

fs::path open_mpi_path(std::string_view listing, std::string_view key) {
  const std::string start = fmt::format("path:{}:", key);
  const auto at = listing.find(start);
  if (at == std::string_view::npos) return {};
  const std::string_view value = listing.substr(at + start.size());
  return std::string(value.substr(0, value.find('\n')));
}

void add_open_mpi(HostTree& tree, bool fabrics) {
  const fs::path info = migbench::look_for_program("ompi_info");
  if (info.empty()) {
    throw Error(
        "the guest shall run MPI ranks, but no Open MPI is installed (ompi_info is not in PATH): "
        "apt-get install openmpi-bin");
  }
  const Finished listed =
      run({{info.string(), "--path", "all", "--parsable"}}, std::chrono::seconds(10));
  if (!listed.ok()) throw Error(describe(listed));
  const auto path = [&](std::string_view key) { return open_mpi_path(listed.out, key); };
  // orted is Open MPI 4's daemon, prted that of 5.
  for (const char* daemon : {"orted", "prted", "mpirun"}) {
    if (const fs::path program = path("bindir") / daemon; fs::exists(program))
      tree.add_program(program);
  }
  tree.add_directory(path("pkglibdir"), true, [fabrics](const fs::path& plugin) {
    const std::string name = plugin.filename();
    return !is_openshmem_plugin(name) && (fabrics || !is_fabric_plugin(name));
  });
  tree.add_directory(path("pkgdatadir"));
  tree.add_directory(path("sysconfdir"));
  // PMIx loads plugins too; where it is a package of its own they lie beside its library.
  const fs::path libraries = path("libdir").parent_path().parent_path();
  for (const char* name : {"pmix2", "pmix", "prte"}) {
    tree.add_directory(libraries / name / "lib", true);
    tree.add_directory(libraries / name / "share");
  }
  tree.add_directory("/usr/share/pmix");
}

std::vector<fs::path> own_drivers() {
  const fs::path client = migbench::look_for_program("migbench-guest-exec");
  std::vector<fs::path> found;
  if (client.empty()) return found;
  // What only the host's side runs, or needs devices that a guest of this kind does not have. The
  // agent of mpirun is not among them: the daemon that mpirun starts in a guest crashes where the
  // agent's path does not exist.
  constexpr std::array<std::string_view, 10> host_only{
      "migbench-guest-init",     "migbench-supervisor", "migbench-container-init",
      "migbench-libvirt-host",   "migbench-container",  "migbench-criu-agent",
      "migbench-criu-check",     "migbench-suite",      "migbench-verbs-latency",
      "migbench-verbs-bandwidth"};
  for (const auto& entry : fs::directory_iterator(client.parent_path())) {
    const std::string name = entry.path().filename();
    const bool program = name.rfind("migbench-", 0) == 0 && entry.is_regular_file();
    if (program && std::find(host_only.begin(), host_only.end(), name) == host_only.end()) {
      found.push_back(entry.path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace migbench::guest
