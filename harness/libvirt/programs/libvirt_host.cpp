// migbench-libvirt-host: libvirtd with directories of its own, for one virtual node. It becomes
// libvirtd; the mounts end with the mount namespace that it made.
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "bench/error.hpp"
#include "bench/program.hpp"
#include "bench/version.hpp"

namespace {

namespace fs = std::filesystem;
using migbench::system_error;

void bind(const fs::path& ours, const fs::path& theirs) {
  std::error_code failed;
  fs::create_directories(theirs, failed);
  if (::mount(ours.c_str(), theirs.c_str(), nullptr, MS_BIND, nullptr) != 0)
    throw system_error(fmt::format("mount {} over {}", ours.string(), theirs.string()));
}

/// A copy of an account file with another line, seen by this mount namespace only.
void add_account(const fs::path& directory, const fs::path& file, const std::string& line) {
  const fs::path ours = directory / "etc" / file.filename();
  fs::copy_file(file, ours, fs::copy_options::overwrite_existing);
  std::ofstream(ours, std::ios::app) << line << '\n';
  if (::mount(ours.c_str(), file.c_str(), nullptr, MS_BIND, nullptr) != 0)
    throw system_error(fmt::format("mount {} over {}", ours.string(), file.string()));
}

// Debian's libvirt does not start without the accounts that its package libvirt-daemon-system makes
// (and which the configuration then does not use).
void add_missing_accounts(const fs::path& directory) {
  if (::getgrnam("libvirt-qemu") == nullptr)
    add_account(directory, "/etc/group", "libvirt-qemu:x:64055:");
  if (::getpwnam("libvirt-qemu") == nullptr) {
    add_account(directory, "/etc/passwd",
                "libvirt-qemu:x:64055:64055::/var/lib/libvirt:/usr/sbin/nologin");
  }
}

/// Another libvirt than the system's: what it looks for at fixed places is put over the system's,
/// and the QEMU that is found first is the one beside it.
fs::path take_libvirt(const fs::path& prefix) {
  for (const char* place : {"/usr/lib/libvirt", "/usr/lib/x86_64-linux-gnu/libvirt",
                            "/usr/lib/x86_64-linux-gnu/qemu", "/usr/share/libvirt"})
    bind(prefix / fs::path(place).relative_path(), place);
  const char* path = std::getenv("PATH");
  const std::string before = (prefix / "bin").string() + ":";
  ::setenv("PATH", (before + (path != nullptr ? path : "/usr/sbin:/usr/bin")).c_str(), 1);
  return prefix / "sbin/libvirtd";
}

[[noreturn]] void become_libvirtd(const fs::path& directory, const fs::path& prefix) {
  if (::unshare(CLONE_NEWNS) != 0) throw system_error("make a mount namespace", "run as root");
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    throw system_error("make mounts private");
  const std::array<std::pair<const char*, const char*>, 5> places{{{"etc", "/etc/libvirt"},
                                                                   {"lib", "/var/lib/libvirt"},
                                                                   {"cache", "/var/cache/libvirt"},
                                                                   {"log", "/var/log/libvirt"},
                                                                   {"run", "/run/libvirt"}}};
  for (const auto& [ours, theirs] : places)
    bind(directory / ours, theirs);
  add_missing_accounts(directory);
  const fs::path libvirtd = prefix.empty() ? "libvirtd" : take_libvirt(prefix);
  const std::string configuration = directory / "etc/libvirtd.conf";
  const std::string pid_file = directory / "run/libvirtd.pid";
  ::execlp(libvirtd.c_str(), "libvirtd", "--listen", "--config", configuration.c_str(),
           "--pid-file", pid_file.c_str(), static_cast<char*>(nullptr));
  throw system_error("run " + libvirtd.string(), "apt-get install libvirt-daemon");
}

}  // namespace

int main(int argc, char** argv) {
  return migbench::run_program("migbench-libvirt-host", [&]() -> int {
    std::string directory, prefix;
    CLI::App app(
        "Runs libvirtd with DIRECTORY/{etc,lib,cache,log,run} as its own directories.\n"
        "The harness starts it on virtual nodes; example: migbench-libvirt-host /run/n1");
    app.set_version_flag("--version", migbench::version_line("migbench-libvirt-host"));
    app.add_option("directory", directory, "with etc/libvirtd.conf and etc/qemu.conf in it")
        ->required()
        ->check(CLI::ExistingDirectory);
    app.add_option("--libvirt", prefix,
                   "a directory like the one of scripts/newer_libvirt.sh: its libvirt and QEMU "
                   "instead of the system's")
        ->check(CLI::ExistingDirectory);
    try {
      app.parse(argc, argv);
    } catch (const CLI::ParseError& wrong) {
      return app.exit(wrong) == 0 ? 0 : static_cast<int>(migbench::ExitCode::bad_input);
    }
    become_libvirtd(directory, prefix);
  });
}
