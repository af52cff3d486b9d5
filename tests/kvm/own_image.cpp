#include "tests/kvm/own_image.hpp"

#include <algorithm>
#include <fstream>
#include <variant>

#include <fmt/format.h>

#include "harness/guest/archive.hpp"
#include "harness/guest/files.hpp"
#include "harness/guest/kernel.hpp"
#include "harness/guest/tree.hpp"
#include "harness/programs.hpp"
#include "harness/site/process.hpp"
#include "tests/kvm/kvm_fixture.hpp"

namespace migbench {

namespace fs = std::filesystem;
using guest::HostTree;
using guest::TreeEntry;

namespace {

constexpr std::uint64_t kSector = 512;
constexpr std::uint64_t kFirstSector = 2048;  // of the partition; GRUB lies before it
// ext4 asks for crc32c without depending on it.
const std::vector<std::string> kModules{"virtio_pci", "virtio_blk", "virtio_net", "crc32c_generic",
                                        "ext4"};
const fs::path kGrub = "/usr/lib/grub/i386-pc";

void call(const std::vector<std::string>& argv) {
  const Finished finished = run({argv, {}, {}}, std::chrono::seconds(60));
  INFO(describe(finished));
  REQUIRE(finished.ok());
}

void write_binary(const fs::path& path, std::string_view content) {
  std::ofstream(path, std::ios::binary)
      .write(content.data(), static_cast<std::streamsize>(content.size()));
}

/// Loads the drivers of the disk and the network, and goes on with what is on the disk.
void write_initrd(const fs::path& path, const guest::GuestKernel& kernel) {
  HostTree tree;
  for (const char* program : {"sh", "mount", "insmod", "switch_root"})
    tree.add_program(find_program(program));
  std::string init =
      "#!/bin/sh\nPATH=/usr/sbin:/usr/bin\nmount -t proc proc /proc\nmount -t devtmpfs dev /dev\n"
      "exec </dev/console >/dev/console 2>&1\n";
  for (const fs::path& file : module_files(kernel, kModules)) {
    const std::string module = "/modules/" + file.stem().stem().string() + ".ko";
    tree.add_text(module, guest::decompress(guest::read_file(file)));
    init += "insmod " + module + "\n";
  }
  tree.add_text("/init", init + "mount -t ext4 /dev/vda1 /disk\nexec switch_root /disk /init\n",
                0755);
  for (const char* directory : {"/dev", "/proc", "/disk"})
    tree.add_empty_directory(directory);
  for (const char* link : {"/bin", "/sbin"}) {
    if (fs::is_symlink(link)) tree.add(link);
  }
  write_initramfs(path, complete_tree(tree.entries()));
}

void add_system(HostTree& tree, const OwnImage& what) {
  for (const char* program :
       {"sh", "mount", "ip", "sshd", "setpriv", "env", "cat", "sleep", "mkdir", "rm", "touch",
        "test", "true", "tar", "sync", "uname", "mktemp", "mv", "rmdir"})
    tree.add_program(find_program(program));
  for (const std::string& program : what.programs)
    tree.add_program(find_program(program));
  for (const char* link : {"/bin", "/sbin"}) {
    if (fs::is_symlink(link)) tree.add(link);
  }
  tree.add_text("/etc/passwd", "root:*:0:0:root:/root:/bin/sh\nsshd:*:102:65534::/run/sshd:/\n");
  tree.add_text("/etc/group", "root:x:0:\nnogroup:x:65534:\n");
  tree.add_text("/etc/hosts", "127.0.0.1 localhost\n");
  tree.add_text("/etc/ssh/authorized", guest::read_file(what.authorized));
  tree.add_text("/etc/ssh/host_key", guest::read_file(what.host_key), 0600);
  tree.add_text("/etc/ssh/sshd_config",
                "HostKey /etc/ssh/host_key\nAuthorizedKeysFile /etc/ssh/authorized\n"
                "StrictModes no\nUsePAM no\nUseDNS no\nPidFile none\n"
                // The default exchange takes an emulated processor seconds.
                "KexAlgorithms curve25519-sha256\n");
  for (const char* directory : {"/dev", "/proc", "/sys", "/run", "/tmp", "/root"})
    tree.add_empty_directory(directory);
  tree.add_text("/init",
                fmt::format("#!/bin/sh\nexport PATH=/usr/sbin:/usr/bin:/sbin:/bin\n"
                            "mount -t sysfs sys /sys\n"
                            "mount -t tmpfs run /run\nmount -t tmpfs tmp /tmp\n"
                            "mkdir /run/sshd /dev/shm\nmount -t tmpfs shm /dev/shm\n"
                            "mount -o remount,rw /\nip link set lo up\n"
                            "echo own >/proc/sys/kernel/hostname\n"
                            "ip address add {} dev eth0\nip link set eth0 up\n"
                            "exec {} -D -e\n",
                            what.address, find_program("sshd").string()),
                0755);
}

void lay_out(const fs::path& root, const std::vector<TreeEntry>& entries) {
  fs::create_directories(root);
  for (const TreeEntry& entry : entries) {
    const fs::path path = root / fs::path(entry.path).relative_path();
    if (entry.kind == TreeEntry::Kind::directory) {
      fs::create_directories(path);
    } else if (entry.kind == TreeEntry::Kind::symlink) {
      fs::create_symlink(entry.text, path);
    } else {
      if (entry.source.empty()) {
        write_binary(path, entry.text);
      } else {
        fs::copy_file(entry.source, path);
      }
      fs::permissions(path, static_cast<fs::perms>(entry.mode));
    }
  }
}

/// GRUB's first sector, which loads the next ones, with a partition table of one entry.
std::string master_boot_record(std::uint64_t partition_bytes) {
  std::string sector = guest::read_file(kGrub / "boot.img");
  REQUIRE(sector.size() == kSector);
  const auto put = [&](std::size_t at, std::uint64_t number) {
    for (std::size_t i = 0; i < 4; ++i)
      sector[at + i] = static_cast<char>(number >> (8 * i) & 0xffU);
  };
  constexpr std::size_t kTable = 446;
  std::fill(sector.begin() + kTable, sector.end(), '\0');
  put(kTable, 0xfffffe80);      // active; its place in cylinders is not told
  put(kTable + 4, 0xfffffe83);  // Linux
  put(kTable + 8, kFirstSector);
  put(kTable + 12, partition_bytes / kSector);
  sector[510] = '\x55';
  sector[511] = '\xaa';
  return sector;
}

void write_grub(const fs::path& directory) {
  std::ofstream(directory / "grub.cfg")
      << "set root=(hd0,msdos1)\n"
         "linux /boot/vmlinuz console=ttyS0 quiet no_timer_check mitigations=off "
         "random.trust_cpu=on panic=-1 rcupdate.rcu_expedited=1\n"
         "initrd /boot/initrd\nboot\n";
  call({"grub-mkimage", "-O", "i386-pc", "-p", "/boot/grub", "-c",
        (directory / "grub.cfg").string(), "-o", (directory / "core.img").string(), "biosdisk",
        "part_msdos", "ext2", "linux", "boot"});
}

std::uint64_t size_of(const fs::path& directory) {
  std::uint64_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file() && !entry.is_symlink()) bytes += entry.file_size();
  }
  return bytes;
}

}  // namespace

void need_image_tools() {
  need_programs({"grub-mkimage", "mke2fs", "qemu-img", "sshd", "insmod", "switch_root"});
}

fs::path make_own_image(const fs::path& directory, const OwnImage& what) {
  const auto kernel = std::get<guest::GuestKernel>(guest::find_kernel());
  const fs::path work = directory / "making", root = work / "root";
  HostTree tree;
  add_system(tree, what);
  lay_out(root, complete_tree(tree.entries()));
  fs::create_directories(root / "boot");
  fs::copy_file(kernel.image, root / "boot/vmlinuz");
  write_initrd(root / "boot/initrd", kernel);
  write_grub(work);

  const std::uint64_t mebibytes = size_of(root) / (1U << 20U) * 5 / 4 + 24;
  call({"mke2fs", "-q", "-t", "ext4", "-d", root.string(), (work / "partition").string(),
        fmt::format("{}M", mebibytes)});
  const std::string partition = guest::read_file(work / "partition");
  const std::string core = guest::read_file(work / "core.img");
  REQUIRE(core.size() < (kFirstSector - 1) * kSector);
  std::string disk = master_boot_record(partition.size()) + core;
  disk.resize(kFirstSector * kSector);
  write_binary(work / "disk", disk + partition);
  call({"qemu-img", "convert", "-f", "raw", "-O", "qcow2", (work / "disk").string(),
        (directory / "guest.qcow2").string()});
  fs::remove_all(work);
  return directory / "guest.qcow2";
}

}  // namespace migbench
