// A real guest under plain QEMU, and the exec agent in it.
#include <fstream>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

#include "harness/guest/files.hpp"
#include "harness/guest/qemu_guest.hpp"
#include "harness/programs.hpp"
#include "tests/kvm/contains.hpp"
#include "tests/kvm/kvm_fixture.hpp"

using namespace migbench;
using namespace migbench::guest;
using namespace std::chrono_literals;

namespace {

void skip_without_guests() {
  if (const auto missing = image_support()) skip_test(missing->reason + "; " + missing->remedy);
  if (look_for_program("qemu-system-x86_64").empty())
    skip_test("qemu-system-x86_64 is not installed; scripts/setup.sh packages-kvm");
}

Finished run_in(const QemuGuest& guest, const std::string& script, const std::string& input = "") {
  return guest.run({{"sh", "-c", script}, {}, {}}, 30s, {.input = input});
}

std::string file_of(const std::string& text) {
  const std::string path = fmt::format("/tmp/migbench-agent-test-{}", ::getpid());
  std::ofstream(path) << text;
  return path;
}

}  // namespace

TEST_CASE("a guest boots, and commands in it behave as at home") {
  skip_without_guests();
  // A program that somebody built below /tmp, which is the guest's own otherwise.
  const std::string below_tmp = file_of("#!/bin/sh\necho here\n");
  Recipe recipe = workload_recipe();
  recipe.files.emplace_back(below_tmp);
  const GuestImage first = build_image(recipe);
  const GuestImage again = build_image(recipe);
  CHECK(again.from_cache);
  CHECK(again.id == first.id);

  const QemuGuest guest(first, {}, 90s);
  CHECK(said(guest, {"uname", "-r"}) == first.kernel.release);
  CHECK(said(guest, {"sh", below_tmp}) == "here");

  const Finished mixed = run_in(guest, "cat; echo to-err >&2; exit 7", "from here");
  CHECK(mixed.status == 7);
  CHECK(mixed.out == "from here");
  CHECK(mixed.err == "to-err\n");
  CHECK(run_in(guest, "kill -9 $$").status == 128 + 9);
  CHECK(guest.run({{"no-such-program"}, {}, {}}, 30s).status == 127);
  CHECK(guest.run({{"sh", "-c", "echo $WORD; pwd"}, {{"WORD", "a b"}}, "/run"}, 30s).out ==
        "a b\n/run\n");

  // More than every buffer on the way, in both directions at once.
  const std::string much(3U << 20U, 'x');
  const Finished back = run_in(guest, "cat", much);
  CHECK(back.out.size() == much.size());

  // A daemon left behind does not hold the command up.
  CHECK(run_in(guest, "sleep 60 & echo started").out == "started\n");

  // The end of the client is the end of the command.
  const Finished cut = guest.run({{"sh", "-c", "echo $$ > /run/pid; sleep 77"}, {}, {}}, 2s);
  CHECK(cut.timed_out);
  std::this_thread::sleep_for(1s);
  CHECK(run_in(guest, "test -d /proc/$(cat /run/pid)").status == 1);

  const std::string here = file_of("content\n");
  guest.copy_to(here, "/data/deep/file");
  CHECK(said(guest, {"cat", "/data/deep/file"}) == "content");
  const std::string copy = here + ".back";
  guest.copy_from("/data/deep/file", copy);
  CHECK(read_file(copy) == "content\n");
  std::filesystem::remove(here);
  std::filesystem::remove(copy);
  CHECK_THROWS_AS(guest.copy_from("/data/nothing", copy), Error);
  CHECK_FALSE(std::filesystem::exists(copy));
}

TEST_CASE("a guest can run this machine's programs from its file system, and not write to it") {
  skip_without_guests();
  Recipe recipe;
  recipe.shares = {{"hostroot", "/host", true}};
  recipe.root_share = "hostroot";
  QemuOptions options;
  options.shares = {{"hostroot", "/", true}};
  const QemuGuest guest(build_image(recipe), options, 90s);
  CHECK_THAT(said(guest, {"uname", "-r"}), Contains("."));
  CHECK(said(guest, {"cat", "/etc/debian_version"}) == [] {
    std::string version = read_file("/etc/debian_version");
    version.pop_back();
    return version;
  }());
  const Finished write = run_in(guest, "echo x > /etc/migbench-test");
  CHECK(write.status != 0);
  CHECK_FALSE(std::filesystem::exists("/etc/migbench-test"));
  CHECK(run_in(guest, "echo x > /tmp/ours && cat /tmp/ours").out == "x\n");
  CHECK_FALSE(std::filesystem::exists("/tmp/ours"));
}

TEST_CASE("a guest that does not boot is an error with the end of its console") {
  skip_without_guests();
  QemuOptions options;
  options.kernel_options = "migbench.net=eth7:10.1.1.1/24";
  CHECK_THROWS_WITH(QemuGuest(build_image({}), options, 60s), Contains("eth7"));
}

TEST_CASE("a guest with too little memory for its files says so, with what to do") {
  skip_without_guests();
  QemuOptions options;
  options.memory = Bytes{104UL << 20U};
  Recipe recipe = workload_recipe();
  recipe.compressed = true;
  CHECK_THROWS_WITH(QemuGuest(build_image(recipe), options, 60s),
                    Contains("ran out of memory as it booted") && Contains("guest_memory"));
}
