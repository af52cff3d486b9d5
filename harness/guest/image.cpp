#include "harness/guest/image.hpp"

#include <map>
#include <mutex>

#include <fmt/format.h>

#include "bench/clock.hpp"
#include "bench/document.hpp"
#include "harness/guest/files.hpp"
#include "harness/guest/open_mpi.hpp"
#include "harness/guest/tree.hpp"
#include "harness/programs.hpp"

namespace migbench::guest {

namespace fs = std::filesystem;

namespace {

constexpr const char* kInit = "migbench-guest-init";

/// Every guest's: a PCI virtio network card, the serial port's virtio console is not needed.
const std::vector<std::string>& network_modules() {
  static const std::vector<std::string> names{"virtio_pci", "virtio_net"};
  return names;
}

void add_modules(HostTree& tree, const Recipe& recipe, const GuestKernel& kernel,
                 nlohmann::json& settings) {
  std::vector<std::string> names = network_modules();
  names.insert(names.end(), recipe.modules.begin(), recipe.modules.end());
  if (!recipe.shares.empty()) names.insert(names.end(), {"9p", "9pnet_virtio"});
  if (recipe.root_overlay) names.emplace_back("overlay");
  settings["modules"] = nlohmann::json::array();
  for (const fs::path& file : module_files(kernel, names)) {
    const std::string path = "/modules/" + file.stem().stem().string() + ".ko";
    tree.add_text(path, decompress(read_file(file)));
    settings["modules"].push_back(path);
  }
}

/// The parts of /etc that the C library and MPI look into; the host's own would name its users.
void add_configuration(HostTree& tree) {
  tree.add_text("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n");
  tree.add_text("/etc/group", "root:x:0:\nnogroup:x:65534:\n");
  tree.add_text("/etc/hosts", "127.0.0.1 localhost\n");
  tree.add_text("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n");
  // Where the host has a merged /usr, "#!/bin/sh" must work in the guest too.
  for (const char* link : {"/bin", "/sbin", "/lib", "/lib64"}) {
    if (fs::is_symlink(link)) tree.add(link);
  }
  for (const char* directory : {"/proc", "/sys", "/dev", "/run", "/tmp", "/root", "/share"})
    tree.add_empty_directory(directory);
}

std::vector<TreeEntry> lay_out(const Recipe& recipe, const GuestKernel& kernel) {
  HostTree tree;
  nlohmann::json settings;
  for (const fs::path& program : recipe.programs)
    tree.add_program(program);
  for (const fs::path& file : recipe.files)
    tree.add(file);
  const auto& modules = recipe.modules;
  const bool rdma = std::find(modules.begin(), modules.end(), "ib_uverbs") != modules.end();
  if (recipe.open_mpi) add_open_mpi(tree, rdma);
  add_configuration(tree);
  tree.add_text("/init", read_file(migbench::find_program(kInit)), 0755);
  add_modules(tree, recipe, kernel, settings);
  settings["shares"] = nlohmann::json::array();
  for (const Share& share : recipe.shares) {
    settings["shares"].push_back(
        {{"tag", share.tag}, {"path", share.path}, {"read_only", share.read_only}});
  }
  settings["root_share"] = recipe.root_share;
  settings["root_overlay"] = recipe.root_overlay;
  tree.add_text("/etc/migbench-guest.json", settings.dump(1));
  return complete_tree(tree.entries());
}

std::string tree_id(const std::vector<TreeEntry>& entries) {
  std::string manifest;
  for (const TreeEntry& entry : entries) {
    const std::string content =
        entry.source.empty() ? content_id(entry.text) : content_id(read_file(entry.source));
    manifest += fmt::format("{} {} {:o} {}\n", static_cast<int>(entry.kind), entry.path, entry.mode,
                            content);
  }
  return content_id(manifest);
}

}  // namespace

Support image_support() {
  if (auto missing = archive_support()) return missing;
  const auto kernel = find_kernel();
  if (const auto* none = std::get_if<Unsupported>(&kernel)) return *none;
  if (migbench::look_for_program(kInit).empty()) {
    return Unsupported{fmt::format("{} is neither beside migbench nor in PATH", kInit),
                       "build or install the whole project"};
  }
  return std::nullopt;
}

namespace {

/// Within one run of the harness what is installed does not change, and a trial has to wait for it.
std::string key_of(const Recipe& recipe) {
  std::string key = fmt::format("{} {} {} {}", recipe.open_mpi, recipe.compressed,
                                recipe.root_share, recipe.root_overlay);
  for (const std::string& module : recipe.modules)
    key += " m:" + module;
  for (const fs::path& program : recipe.programs)
    key += " p:" + program.string();
  for (const fs::path& file : recipe.files)
    key += " f:" + file.string();
  for (const Share& share : recipe.shares)
    key += fmt::format(" s:{}:{}:{}", share.tag, share.path, share.read_only);
  return key + " " + cache_directory().string();
}

GuestImage build(const Recipe& recipe);

}  // namespace

GuestImage build_image(const Recipe& recipe) {
  static std::mutex mutex;
  static std::map<std::string, GuestImage> built;
  const std::lock_guard lock(mutex);
  const std::string key = key_of(recipe);
  if (const auto known = built.find(key);
      known != built.end() && fs::exists(known->second.initramfs)) {
    GuestImage image = known->second;
    image.from_cache = true;
    image.built_in = Nanoseconds{0};
    return image;
  }
  return built[key] = build(recipe);
}

namespace {

GuestImage build(const Recipe& recipe) {
  if (const auto missing = image_support()) {
    throw Error(fmt::format("no guest can be built: {}; {}", missing->reason, missing->remedy));
  }
  const std::int64_t start = deadline_now_ns();
  GuestImage image;
  image.kernel = std::get<GuestKernel>(find_kernel());
  image.boot = boot_image(image.kernel);
  const std::vector<TreeEntry> tree = lay_out(recipe, image.kernel);
  image.id = tree_id(tree);
  image.from_cache = true;
  image.initramfs =
      cached(fmt::format("boot/initramfs-{}.cpio{}", image.id, recipe.compressed ? ".zst" : ""),
             [&](const fs::path& path) {
               image.from_cache = false;
               write_initramfs(path, tree, recipe.compressed ? Packing::zstd : Packing::plain);
             });
  image.size = Bytes{fs::file_size(image.initramfs)};
  for (const TreeEntry& entry : tree)
    image.paths.push_back(entry.path);
  image.built_in = Nanoseconds{deadline_now_ns() - start};
  return image;
}

}  // namespace

Recipe workload_recipe() {
  Recipe recipe;
  recipe.open_mpi = true;
  for (const char* name : {"sh", "cat", "ls", "sleep", "mkdir", "rm", "true", "false", "env",
                           "test", "touch", "uname"}) {
    if (const fs::path path = migbench::look_for_program(name); !path.empty())
      recipe.programs.push_back(path);
  }
  for (const fs::path& driver : own_drivers())
    recipe.programs.push_back(driver);
  return recipe;
}

nlohmann::json describe(const GuestImage& image) {
  return {{"kernel", image.kernel.release},      {"boot", image.boot.filename().string()},
          {"initramfs_bytes", image.size.count}, {"id", image.id},
          {"from_cache", image.from_cache},      {"built_in_ns", image.built_in.count()}};
}

std::string kernel_command_line(const GuestSettings& settings) {
  // no_timer_check: an emulated timer may be late enough for the check to fail and stop the boot.
  // tracer_init_tracefs: a dentry and an inode for each of thousands of trace events take 9 MB,
  // which a guest of 128 MiB lacks when it unpacks its files. rootfstype: on tmpfs, the default, an
  // initramfs of more than half of the memory is cut short.
  std::string line = fmt::format(
      "console=ttyS0 quiet loglevel=4 panic=-1 no_timer_check mitigations=off "
      "random.trust_cpu=on cryptomgr.notests apparmor=0 audit=0 i8042.noaux "
      "i8042.nokbd rootfstype=ramfs rcupdate.rcu_expedited=1 "
      "initcall_blacklist=tracer_init_tracefs migbench.name={} migbench.port={}",
      settings.name, settings.agent_port);
  for (const GuestInterface& interface : settings.interfaces)
    line += fmt::format(" migbench.net={}:{}", interface.device, interface.address);
  if (!settings.gateway.empty()) line += " migbench.gateway=" + settings.gateway;
  if (!settings.extra.empty()) line += " " + settings.extra;
  return line;
}

}  // namespace migbench::guest
