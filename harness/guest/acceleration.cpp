#include "harness/guest/acceleration.hpp"

#include <cstdlib>

#include <fmt/format.h>
#include <unistd.h>

#include "bench/document.hpp"
#include "bench/error.hpp"
#include "harness/guest/files.hpp"
#include "harness/guest/qemu_guest.hpp"
#include "harness/programs.hpp"

namespace migbench::guest {

namespace {

// A usable KVM boots this guest in well under a second; one that is itself emulated is no use.
constexpr Nanoseconds kTrialDeadline = std::chrono::seconds(8);

std::string cache_name() {
  const std::string boot = read_file("/proc/sys/kernel/random/boot_id");
  const Finished version =
      run({{find_program("qemu-system-x86_64").string(), "--version"}}, std::chrono::seconds(5));
  return "acceleration-" + content_id(boot + version.out) + ".json";
}

Acceleration from_json(const nlohmann::json& kept) {
  return {kept.at("kvm").get<bool>(), kept.at("reason").get<std::string>(),
          Nanoseconds{kept.at("boot_ns").get<std::int64_t>()}};
}

}  // namespace

Acceleration try_kvm(Nanoseconds deadline) {
  QemuOptions options;
  options.kvm = true;
  options.name = "trial";
  options.memory = Bytes{128UL << 20U};
  const GuestImage image = build_image({});
  try {
    const QemuGuest guest(image, options, deadline);
    return {true, "", guest.boot_time()};
  } catch (const Error& failed) {
    return {false, failed.what(), {}};
  }
}

Acceleration choose_acceleration() {
  const char* decided = std::getenv("MIGBENCH_ACCELERATION");
  if (decided != nullptr) {
    const std::string which = decided;
    if (which != "kvm" && which != "tcg")
      throw InputError("MIGBENCH_ACCELERATION=" + which + ": it can be kvm or tcg");
    return {which == "kvm", "MIGBENCH_ACCELERATION=" + which, {}};
  }
  if (::access("/dev/kvm", R_OK | W_OK) != 0)
    return {false, "/dev/kvm is not there or not ours to open", {}};
  const auto kept = cached(cache_name(), [](const std::filesystem::path& path) {
    const Acceleration tried = try_kvm(kTrialDeadline);
    write_json(path,
               {{"kvm", tried.kvm}, {"reason", tried.reason}, {"boot_ns", tried.boot.count()}});
  });
  return from_json(read_json(kept));
}

}  // namespace migbench::guest
