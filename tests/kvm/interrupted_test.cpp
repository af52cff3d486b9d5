// Ctrl-C while a machine boots: the run ends at once, with what it has, and takes the machine down.
#include <migbench_have.hpp>
#if MIGBENCH_HAVE_LIBVIRT

#include <csignal>
#include <thread>

#include "harness/programs.hpp"
#include "tests/kvm/kvm_fixture.hpp"
#include "tests/run/runs.hpp"

using namespace migbench;
using namespace std::chrono_literals;

namespace {

bool guest_has_started(const std::filesystem::path& directory) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string line = command_line_of(entry.path());
    if (line.find("qemu-system") != std::string::npos &&
        line.find(directory.string()) != std::string::npos)
      return true;
  }
  return false;
}

}  // namespace

TEST_CASE("a run that is interrupted while a machine boots ends long before the boot's deadline") {
  (void)kvm_site(2);
  const testing::TemporaryDirectory root;
  const auto plan = root.path() / "plan.json";
  std::ofstream(plan) << R"({"schema": "migbench-plan/1", "name": "t",
      "site": {"kind": "local", "nodes": 2},
      "experiments": [{"name": "e", "environment": "kvm", "workload": "idle",
                       "technique": "kvm-live",
                       "parameters": {"kernel_options": "migbench.never=)"
                      << root.path().string() << R"("}}]})";
  Process harness = Process::start({{find_program("migbench").string(), "run", plan.string(),
                                     "--runs", (root.path() / "runs").string()}});
  while (!guest_has_started(root.path()) && harness.running())
    std::this_thread::sleep_for(20ms);
  REQUIRE(harness.running());
  harness.signal(SIGINT);
  // The boot alone would be waited for 90 s.
  const Finished ended = harness.wait(45s);
  INFO(describe(ended));
  CHECK_FALSE(ended.timed_out);
  CHECK(ended.status == 130);
  CHECK_FALSE(guest_has_started(root.path()));
}

#endif
