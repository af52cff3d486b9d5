// Job statistics and migration parameters.
#include <migbench_have.hpp>

#include "tests/catch.hpp"
#include "tests/kvm/contains.hpp"

#if MIGBENCH_HAVE_LIBVIRT

#include <libvirt/virterror.h>

#include "bench/error.hpp"
#include "harness/libvirt/job.hpp"
#include "harness/libvirt/migrate_settings.hpp"
#include "harness/libvirt/transfer.hpp"

using namespace migbench;
using namespace migbench::libvirt;

TEST_CASE("libvirt's typed values become numbers and texts under their names") {
  TypedParameters list;
  list.add(VIR_DOMAIN_JOB_MEMORY_PROCESSED, 5'000'000'000ULL);
  list.add(VIR_DOMAIN_JOB_AUTO_CONVERGE_THROTTLE, 20);
  list.add(VIR_DOMAIN_JOB_ERRMSG, std::string("broken pipe"));
  list.add(VIR_DOMAIN_JOB_MEMORY_DIRTY_RATE, 100ULL);
  const JobStatistics job = read_job(list.list(), list.count());
  CHECK(job.number("memory_processed") == 5'000'000'000ULL);
  CHECK(job.number("auto_converge_throttle") == 20);
  CHECK(job.values.at("errmsg") == "broken pipe");
  CHECK(job.number("absent") == 0);
  CHECK(sample_of(job, 7).dirty_rate == Approx(409600));  // pages of 4096 bytes
}

namespace {

constexpr std::int64_t kMs = 1'000'000;

}  // namespace

TEST_CASE("iterations get the bytes that were sent between their starts") {
  const auto iterations = copy_iterations({{1, 100 * kMs}, {2, 200 * kMs}, {3, 300 * kMs}},
                                          {{110 * kMs, 1, 40, 900, 0},
                                           {190 * kMs, 1, 100, 500, 0},
                                           {203 * kMs, 2, 102, 60, 0},
                                           {250 * kMs, 2, 130, 50, 1e6},
                                           {290 * kMs, 2, 132, 40, 1e6},
                                           {310 * kMs, 3, 135, 10, 2e6}},
                                          320 * kMs);
  REQUIRE(iterations.size() == 3);
  // Up to the look at the start of the next one, and what was left then was rewritten in this one.
  CHECK(iterations[0].bytes == 102);
  CHECK(iterations[0].remaining == 60);
  CHECK(iterations[0].dirty_rate.value() == Approx(600));  // what was left, by 100 ms
  CHECK_FALSE(iterations[0].rate_is_hypervisors);
  CHECK(iterations[1].bytes == 33);
  CHECK(iterations[1].remaining == 10);
  // QEMU's own, which comes with the iteration's end; that of the one before is no news.
  CHECK(iterations[1].dirty_rate.value() == Approx(2e6));
  CHECK(iterations[1].rate_is_hypervisors);
  CHECK_FALSE(iterations[2].dirty_rate.has_value());  // nobody looked when it ended
  CHECK(iterations[2].bytes == 0);
  CHECK(iterations[2].remaining == 10);
  CHECK(iterations[0].end_ns == 200 * kMs);
  CHECK(iterations[2].end_ns == 320 * kMs);
}

TEST_CASE(
    "an iteration that no sample fell into has no bytes, and the next one is not charged twice") {
  const auto iterations =
      copy_iterations({{1, 100 * kMs}, {2, 200 * kMs}}, {{250 * kMs, 2, 70, 5, 0}}, 300 * kMs);
  CHECK(iterations[0].bytes == 0);
  CHECK_FALSE(iterations[0].dirty_rate.has_value());
  CHECK(iterations[1].bytes == 70);
}

TEST_CASE("parameters of a migration become libvirt's flags") {
  const auto live = migrate_settings(
      {{"control", "direct"}, {"auto_converge", true}, {"compression", "xbzrle"}}, Mode::live);
  CHECK(migrate_flags(live, Mode::live) ==
        (VIR_MIGRATE_LIVE | VIR_MIGRATE_AUTO_CONVERGE | VIR_MIGRATE_COMPRESSED));
  CHECK(migrate_flags(migrate_settings({{"control", "tunnelled"}}, Mode::suspend), Mode::suspend) ==
        (VIR_MIGRATE_PEER2PEER | VIR_MIGRATE_TUNNELLED));
  CHECK(migrate_flags(migrate_settings({{"connections", 2}}, Mode::live), Mode::live) ==
        (VIR_MIGRATE_LIVE | VIR_MIGRATE_PEER2PEER | VIR_MIGRATE_PARALLEL));
  CHECK((migrate_flags({}, Mode::postcopy) & VIR_MIGRATE_POSTCOPY) != 0);
}

TEST_CASE("a bad parameter of a migration is named") {
  const auto complains = [](const nlohmann::json& parameters, const char* of) {
    CHECK_THROWS_WITH(migrate_settings(parameters, Mode::live), Contains(of));
    CHECK_THROWS_AS(migrate_settings(parameters, Mode::live), InputError);
  };
  complains({{"control", "magic"}}, "tunnelled");
  complains({{"max_downtime", "300"}}, "max_downtime");
  complains({{"connections", -1}}, "connections");
  complains({{"connections", 2}, {"control", "tunnelled"}}, "tunnelled");
  complains({{"compression", "zstd"}}, "connections");
}

TEST_CASE("a daemon that is too old for a compression method is named, with what it needs") {
  const auto zstd = migrate_settings({{"compression", "zstd"}, {"connections", 2}}, Mode::live);
  CHECK_NOTHROW(check_version(zstd, 9'001'000));
  CHECK_THROWS_WITH(check_version(zstd, 9'000'000), Contains("9.1.0") && Contains("9.0.0"));
  CHECK_THROWS_AS(check_version(zstd, 9'000'000), InputError);
  CHECK_NOTHROW(
      check_version(migrate_settings({{"compression", "xbzrle"}}, Mode::live), 6'000'000));
}

TEST_CASE("what parallel connections sent is told by the pages' own size") {
  TypedParameters list;
  list.add(VIR_DOMAIN_JOB_MEMORY_NORMAL_BYTES, 4000ULL);
  list.add(VIR_DOMAIN_JOB_MEMORY_PROCESSED, 1000ULL);
  const auto zstd = migrate_settings({{"compression", "zstd"}, {"connections", 3}}, Mode::live);
  const auto facts = parallel_facts(zstd, read_job(list.list(), list.count()));
  CHECK(facts ==
        nlohmann::json{{"connections", 3}, {"compression", "zstd"}, {"sent_per_byte", 0.25}});
  CHECK_FALSE(parallel_facts(zstd, {}).contains("sent_per_byte"));
}

TEST_CASE("what libvirt takes for unsafe says how it is told better") {
  CHECK(explained({VIR_ERR_OPERATION_FAILED, "no"}) == "no");
  CHECK_THAT(explained({VIR_ERR_MIGRATE_UNSAFE, "no"}), Contains("shared_storage"));
}

TEST_CASE("a hypervisor without migration says so, one that cannot be reached says why") {
  // libvirt's own driver for tests has machines, but cannot migrate them.
  const Connection without("test:///default");
  REQUIRE(without.find("test").has_value());
  CHECK_THROWS_WITH(check_migratable(without),
                    Contains("test:///default") && Contains("cannot migrate"));
  // Drivers of a daemon that this machine does not run, or of none that it knows.
  for (const char* uri :
       {"lxc+unix:///system?socket=/nonexistent", "xen+unix:///system?socket=/nonexistent",
        "vz+unix:///system?socket=/nonexistent", "nosuch:///system"})
    CHECK_THROWS_WITH(Connection(uri), Contains(uri) && Contains("virsh -c"));
}

#else

TEST_CASE("libvirt") {
  skip_test("this build has no libvirt; apt-get install libvirt-dev, then build again");
}

#endif
