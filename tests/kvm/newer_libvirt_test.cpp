// Virtual nodes with another libvirt than the system's: what only a newer one can do.
#include <migbench_have.hpp>

#if MIGBENCH_HAVE_LIBVIRT

#include <libvirt/libvirt.h>

#include "harness/guest/files.hpp"
#include "harness/libvirt/daemon.hpp"
#include "tests/kvm/kvm_fixture.hpp"

using namespace migbench;

namespace {

const nlohmann::json kNewer{{"libvirt", "newer"}, {"guest_memory", "128MiB"}};

/// Or the test is skipped.
void need_newer() {
  try {
    (void)libvirt::libvirt_prefix("newer");
  } catch (const Error& missing) {
    skip_test(missing.what());
  }
}

}  // namespace

TEST_CASE("with a newer libvirt parallel connections compress by zlib and zstd") {
  need_newer();
  const auto site = kvm_site(2);
  const auto machine = machine_on(*site, 0, "g1", kNewer);
  const nlohmann::json facts = machine->facts();
  CHECK(std::stoi(facts.at("libvirt").get<std::string>()) >= 10);
  CHECK_THAT(facts.at("xml").get<std::string>(), Contains("libvirt/bin/qemu-system-x86_64"));
  said(*machine, {"sh", "-c", "echo kept > /run/before"});
  const auto moved = [&](std::size_t to, nlohmann::json parameters) {
    parameters["connections"] = 2;
    const MoveResult result = move(*site, *machine, to, "kvm-live", parameters);
    INFO(result.reason << " " << result.facts.dump());
    REQUIRE(result.moved);
    WARN(result.facts.dump());
    return result.facts;
  };
  const auto plain = moved(1, {});
  const auto zlib = moved(0, {{"compression", "zlib"}});
  const auto zstd = moved(1, {{"compression", "zstd"}});
  CHECK(said(*machine, {"cat", "/run/before"}) == "kept");
}

#endif
