// Pre-copy: what it asks of CRIU, what becomes of it where the kernel does not keep which pages are
// written, and, in a guest whose kernel does, moves with the real components.
#include "harness/migration/criu/precopy.hpp"
#include "harness/migration/criu/rpc.hpp"
#include "harness/migration/criu_supply.hpp"
#include "harness/migration/dirty_tracking.hpp"
#include "tests/criu/move_fixture.hpp"
#include "tests/criu/tracking_guest.hpp"

using namespace migbench;
using namespace std::chrono_literals;

namespace {

const Technique& precopy() {
  return Registry<Technique>::instance().at("criu-precopy", "technique");
}

std::vector<Phase> rounds_of(const MoveResult& result) {
  std::vector<Phase> rounds;
  for (const Phase& phase : result.phases) {
    if (phase.name == "precopy") rounds.push_back(phase);
  }
  return rounds;
}

std::uint64_t written(const Phase& round) {
  return round.details.at("statistics").at("pages_written").get<std::uint64_t>();
}

}  // namespace

TEST_CASE("a pre-dump is asked for with the field numbers of rpc.proto") {
  criu::Options options;
  options.images_dir = 7;
  options.parent_images = "../round-1";
  options.track_memory = true;
  const std::string request = criu::make_request(criu::Request::pre_dump, options);
  CHECK(request.rfind(std::string("\x08\x0d\x12"), 0) == 0);  // type: SINGLE_PRE_DUMP = 13
  CHECK(request.find(std::string("\x72\x0a") + "../round-1") !=
        std::string::npos);                                           // parent_img = 14
  CHECK(request.find(std::string("\x78\x01")) != std::string::npos);  // track_mem = 15
}

TEST_CASE("images of a round are told from those of the dump, and from what is neither") {
  CHECK(criu::round_of("pages-1.img") == 0);
  CHECK(criu::round_of("round-1/pages-1.img") == 1);
  CHECK(criu::round_of(criu::round_directory(12) + "/inventory.img") == 12);
  for (const char* bad : {"", "..", "/etc/passwd", "../x", "round-0/x", "round-1/..", "round-1/",
                          "round-1/a/b", "round-01/x", "round-1x/x", "rounds/x", "round--1/x"})
    CHECK_THROWS_AS(criu::round_of(bad), Error);
}

TEST_CASE("pre-copy's bad parameters are refused with their names") {
  MoveRequest request;
  for (const auto& [name, value] :
       std::vector<std::pair<const char*, nlohmann::json>>{{"rounds", 0},
                                                           {"rounds", 101},
                                                           {"rounds", "two"},
                                                           {"threshold", 5},
                                                           {"threshold", "x"}}) {
    request.parameters = {{name, value}};
    CHECK_THROWS_AS(precopy().prepare(request), InputError);
  }
}

TEST_CASE("pre-copy is refused where the kernel does not keep what is written, and nothing stops") {
  MovedWriter moved("criu-stop-copy");
  const Support no = check_dirty_tracking();
  if (!no) skip_test("this kernel keeps which pages are written");
  CHECK(precopy().check(moved.site.get())->reason == no->reason);
  // CRIU says the same of it.
  const MoveResult result = precopy().prepare(moved.request(1))->move();
  INFO(result.reason);
  CHECK_FALSE(result.moved);
  CHECK(result.reason.find("criu pre-dump") != std::string::npos);
  CHECK(result.reason.find("racking memory") != std::string::npos);
  CHECK(moved.live(0) == 1);
  CHECK(moved.live(1) == 0);
  moved.check_intact();
  moved.check_clean();
}

TEST_CASE("pre-copy moves a container there and back and no page is lost") {
  MovedWriter moved("criu-precopy");
  for (const std::size_t there : {1U, 0U}) {
    const auto migration =
        moved.technique.prepare(moved.request(there, {{"rounds", 3}, {"threshold", "4KiB"}}));
    const MoveResult result = migration->move();
    INFO(result.reason);
    REQUIRE(result.moved);
    CHECK(moved.live(there) == 1);
    CHECK(moved.live(1 - there) == 0);
    const auto rounds = rounds_of(result);
    REQUIRE(rounds.size() == 3);
    CHECK(written(rounds[0]) >= 4096);
    CHECK(rounds[0].details.at("bytes").get<std::uint64_t>() >= 16U << 20U);
    CHECK(rounds[1].start_ns >= rounds[0].end_ns);
    // Pages that nobody wrote meanwhile are left to the round before, and the dump leaves some,
    // too.
    CHECK(rounds[1].details.at("statistics").at("pages_skipped_parent").get<int>() > 0);
    CHECK(result.facts.at("dump").at("pages_skipped_parent").get<int>() > 0);
  }
  moved.check_intact();
  moved.check_clean();
}

TEST_CASE("pre-copy ends its rounds when little is left to send") {
  MovedWriter moved("criu-precopy");
  const MoveResult result =
      moved.technique.prepare(moved.request(1, {{"rounds", 5}, {"threshold", "1GiB"}}))->move();
  INFO(result.reason);
  REQUIRE(result.moved);
  CHECK(rounds_of(result).size() == 1);
  moved.check_intact();
}

TEST_CASE("pre-copy whose destination cannot restore: the source goes on") {
  MovedWriter moved("criu-precopy");
  const auto migration = moved.technique.prepare(moved.request(1));
  REQUIRE(on(moved.node(1), {"umount", "-l", "/run/containers/c1/root"}).ok());
  const MoveResult result = migration->move();
  INFO(result.reason);
  CHECK_FALSE(result.moved);
  CHECK(rounds_of(result).size() >= 1);
  CHECK(moved.live(0) == 1);
  CHECK(moved.live(1) == 0);
  moved.check_intact();
}

TEST_CASE("in a guest whose kernel keeps what is written, pre-copy works") {
  if (const auto no = tracking_guest_support()) skip_test(no->reason + "; " + no->remedy);
  if (!check_dirty_tracking()) skip_test("this kernel does, and the tests above have run");
  const CriuSupply& supply = criu_supply();
  if (supply.why) skip_test(supply.why->reason + "; " + supply.why->remedy);
  const auto guest = boot_tracking_guest();
  const Finished finished =
      in_own_root(*guest,
                  {"env", "MIGBENCH_CRIU=" + supply.program.string(),
                   std::filesystem::read_symlink("/proc/self/exe").string(), "--reporter",
                   "compact", "pre-copy moves*,pre-copy ends*,pre-copy whose*"},
                  8min);
  INFO(finished.out << finished.err);
  CHECK(finished.ok());
  CHECK(finished.out.find("3 test cases") != std::string::npos);
  CHECK(finished.out.find("skip") == std::string::npos);
}
