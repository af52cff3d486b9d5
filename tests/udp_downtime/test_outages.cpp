#include "tests/catch.hpp"
#include "tests/udp_downtime/synthetic.hpp"

using namespace migbench::udp;
using namespace migbench::udp::test;

namespace {

constexpr std::int64_t kMs = 1'000'000;

void check_near(std::int64_t value, std::int64_t truth, std::int64_t tolerance) {
  CHECK(value >= truth - tolerance);
  CHECK(value <= truth + tolerance);
}

}  // namespace

TEST_CASE("a service without an outage has none") {
  const Analysis analysis = analyzed(Synthetic(5000));
  CHECK(analysis.outages.empty());
  CHECK(analysis.lost == 0);
  CHECK(analysis.baseline.median_ns == kRtt);
  CHECK(analysis.estimates.lost_run.value_ns == 0);
  CHECK(analysis.estimates.service_gap.value_ns == 0);
  CHECK(analysis.estimates.pause.value_ns == 0);
  CHECK(longest_outage(analysis) == nullptr);
}

TEST_CASE("dropped: all but the pause estimator tell the length, within their bounds") {
  // Lengths and phases that are no multiples of the interval, from half a millisecond to two
  // seconds.
  for (const std::int64_t truth : {537'000L, 1'041'000L, 5'063'000L, 50'017'000L, 2'000'077'000L}) {
    for (const std::int64_t phase : {3'000L, 47'000L, 88'000L}) {
      const std::int64_t from = 100 * kMs + phase;
      const Analysis analysis = analyzed(Synthetic(25'000).drop(from, from + truth), 250'000);
      INFO("truth " << truth << " phase " << phase);
      REQUIRE(analysis.outages.size() == 1);
      const Outage& outage = analysis.outages[0];
      CHECK(outage.kind == OutageKind::dropped);
      CHECK(outage.downtime.estimator == "lost_run");
      check_near(outage.downtime.estimate.value_ns, truth, kInterval);
      check_near(outage.start_ns, kStart + from, kInterval);
      check_near(outage.end_ns, kStart + from + truth, kInterval);
      for (const Estimate& estimate : {outage.estimates.lost_interval, outage.estimates.lost_run,
                                       outage.estimates.service_gap}) {
        check_near(estimate.value_ns, truth, kInterval);
        CHECK(holds(estimate, truth));
      }
      CHECK(outage.estimates.pause.value_ns == 0);
      CHECK(outage.suspect.empty());
      CHECK_FALSE(outage.open_start);
      CHECK_FALSE(outage.open_end);
    }
  }
}

TEST_CASE("paused: nothing is lost, gap and pause tell the length, lost x interval does not") {
  for (const std::int64_t truth : {537'000L, 1'041'000L, 5'063'000L, 50'017'000L, 500'077'000L}) {
    for (const std::int64_t phase : {3'000L, 47'000L, 88'000L}) {
      const std::int64_t from = 100 * kMs + phase;
      const Analysis analysis = analyzed(Synthetic(12'000).pause(from, from + truth), 250'000);
      INFO("truth " << truth << " phase " << phase);
      REQUIRE(analysis.outages.size() == 1);
      const Outage& outage = analysis.outages[0];
      CHECK(outage.kind == OutageKind::paused);
      CHECK(outage.lost == 0);
      CHECK(outage.downtime.estimator == "service_gap");
      check_near(outage.downtime.estimate.value_ns, truth, kInterval / 2);
      check_near(outage.end_ns, kStart + from + truth, kInterval);
      CHECK(outage.estimates.lost_interval.value_ns == 0);
      CHECK(outage.estimates.lost_run.value_ns == 0);
      CHECK(holds(outage.estimates.service_gap, truth));
      CHECK(holds(outage.estimates.pause, truth));
      check_near(outage.estimates.service_gap.value_ns, truth, kInterval);
      check_near(outage.estimates.pause.value_ns, truth, kInterval);
    }
  }
}

TEST_CASE("buffered: a part was kept, the gap is much longer than the loss") {
  const std::int64_t truth = 50'017'000;
  const Analysis analysis = analyzed(Synthetic(5000).pause(100 * kMs, 100 * kMs + truth, 240));
  REQUIRE(analysis.outages.size() == 1);
  const Outage& outage = analysis.outages[0];
  CHECK(outage.kind == OutageKind::buffered);
  check_near(outage.estimates.lost_interval.value_ns, truth - 240 * kInterval, 2 * kInterval);
  check_near(outage.downtime.estimate.value_ns, truth, kInterval);
  check_near(outage.estimates.pause.value_ns, truth, kInterval);
}

TEST_CASE("dropped first and kept later is one outage with both marks") {
  const std::int64_t from = 100 * kMs + 33'000;
  const Analysis analysis =
      analyzed(Synthetic(5000).pause(from + 20 * kMs, from + 50 * kMs).drop(from, from + 20 * kMs));
  REQUIRE(analysis.outages.size() == 1);
  const Outage& outage = analysis.outages[0];
  CHECK(outage.kind == OutageKind::buffered);
  check_near(outage.downtime.estimate.value_ns, 50 * kMs, kInterval);
  check_near(outage.estimates.lost_run.value_ns, 20 * kMs, kInterval);
  check_near(outage.estimates.pause.value_ns, 30 * kMs, kInterval);
}

TEST_CASE("several outages have a row each, in order, and the whole run has the largest") {
  const Analysis analysis = analyzed(Synthetic(20'000)
                                         .drop(100 * kMs, 110 * kMs)
                                         .pause(400 * kMs, 440 * kMs)
                                         .drop(1000 * kMs, 1005 * kMs)
                                         .drop(1500 * kMs, 1501 * kMs));
  REQUIRE(analysis.outages.size() == 3);  // the last is below the threshold
  CHECK(analysis.outages[0].kind == OutageKind::dropped);
  CHECK(analysis.outages[1].kind == OutageKind::paused);
  CHECK(analysis.outages[2].kind == OutageKind::dropped);
  CHECK(analysis.lost == 160);
  CHECK(analysis.estimates.lost_interval.value_ns == 16 * kMs);
  check_near(analysis.estimates.lost_run.value_ns, 10 * kMs, kInterval);
  check_near(analysis.estimates.pause.value_ns, 40 * kMs, kInterval);
  CHECK(longest_outage(analysis) == &analysis.outages[1]);
}

TEST_CASE("two outages with a single reply between them stay two") {
  Synthetic trace(5000);
  trace.drop(100 * kMs, 150 * kMs);
  trace[1250].received_ns = trace[1250].sent_ns + kRtt;
  const Analysis analysis = analyzed(trace);
  REQUIRE(analysis.outages.size() == 2);
  check_near(analysis.outages[0].downtime.estimate.value_ns, 25 * kMs, kInterval);
  check_near(analysis.outages[1].downtime.estimate.value_ns, 25 * kMs, kInterval);
}

TEST_CASE("an outage at the start or the end has a lower bound only") {
  const Analysis start = analyzed(Synthetic(5000).drop(0, 30 * kMs));
  REQUIRE(start.outages.size() == 1);
  CHECK(start.outages[0].open_start);
  CHECK_FALSE(start.outages[0].open_end);
  CHECK_FALSE(start.outages[0].downtime.estimate.high_ns);
  check_near(start.outages[0].downtime.estimate.low_ns, 30 * kMs, 2 * kInterval);
  CHECK(start.outages[0].start_ns == kStart);

  const Analysis end = analyzed(Synthetic(5000).drop(400 * kMs, 600 * kMs));
  REQUIRE(end.outages.size() == 1);
  CHECK_FALSE(end.outages[0].open_start);
  CHECK(end.outages[0].open_end);
  CHECK_FALSE(end.outages[0].downtime.estimate.high_ns);
  check_near(end.outages[0].downtime.estimate.low_ns, 100 * kMs, 2 * kInterval);

  const Analysis never = analyzed(Synthetic(5000).drop(0, 600 * kMs));
  REQUIRE(never.outages.size() == 1);
  CHECK(never.outages[0].open_start);
  CHECK(never.outages[0].open_end);
  CHECK(never.lost == 5000);
}

TEST_CASE("single lost packets are loss, not outages") {
  Synthetic trace(5000);
  for (std::size_t i = 100; i < 5000; i += 100)
    trace[i].received_ns = 0;
  const Analysis analysis = analyzed(trace);
  CHECK(analysis.outages.empty());
  CHECK(analysis.lost == 49);
  CHECK(analysis.estimates.lost_run.value_ns == kInterval);
}

TEST_CASE("duplicates and reordered replies are counted") {
  Synthetic trace(1000);
  trace[10].copies = 3;
  trace[20].copies = 2;
  trace[50].received_ns = trace[53].received_ns + 1'000;  // after three later ones
  trace[60].received_ns = trace[61].received_ns + 1'000;
  const Analysis analysis = analyzed(trace);
  CHECK(analysis.duplicates == 3);
  CHECK(analysis.reordered == 2);
  CHECK(analysis.outages.empty());
}

TEST_CASE("a full buffer that still drops while it drains belongs to its outage") {
  Synthetic trace(5000);
  trace.pause(100 * kMs, 150 * kMs, 100);
  // 4 ms of further loss overlapping the end of the gap.
  trace.drop(145 * kMs, 154 * kMs);
  const Analysis analysis = analyzed(trace);
  REQUIRE(analysis.outages.size() == 1);
  CHECK(analysis.outages[0].lost >= 430);
}

TEST_CASE("a sender that stalls makes no outage, and makes one that it falls into suspect") {
  const Analysis alone = analyzed(Synthetic(5000).stall(100 * kMs, 130 * kMs));
  CHECK(alone.outages.empty());
  REQUIRE(alone.stalls.size() == 1);
  check_near(alone.stalls[0].end_ns - alone.stalls[0].start_ns, 30 * kMs, 2 * kInterval);

  const Analysis inside =
      analyzed(Synthetic(5000).drop(100 * kMs, 150 * kMs).stall(120 * kMs, 121 * kMs));
  REQUIRE(inside.outages.size() == 1);
  CHECK_FALSE(inside.outages[0].suspect.empty());
  CHECK(inside.outages[0].sender.skipped == 10);
  CHECK(holds(inside.outages[0].estimates.lost_interval, 50 * kMs));

  const Analysis elsewhere =
      analyzed(Synthetic(5000).drop(100 * kMs, 150 * kMs).stall(300 * kMs, 301 * kMs));
  REQUIRE(elsewhere.outages.size() == 1);
  CHECK(elsewhere.outages[0].suspect.empty());
}

TEST_CASE("an empty trace and a trace of one packet are no trouble") {
  CHECK(analyzed(Synthetic(0)).outages.empty());
  CHECK(analyzed(Synthetic(1)).outages.empty());
  CHECK(analyzed(Synthetic(1).drop(0, kMs)).lost == 1);
}

TEST_CASE("a few kept packets are not taken for none") {
  // A small buffer: 20 of 500 packets are kept and come back as late as the outage is long.
  const Analysis small = analyzed(Synthetic(5000).pause(100 * kMs, 150 * kMs, 20));
  REQUIRE(small.outages.size() == 1);
  CHECK(small.outages[0].kind == OutageKind::buffered);
  check_near(small.outages[0].downtime.estimate.value_ns, 50 * kMs, kInterval);
  // Dropped, but for the last 3 ms: the gap is the truth, not the run.
  const Analysis tail =
      analyzed(Synthetic(5000).drop(100 * kMs, 147 * kMs).pause(147 * kMs, 150 * kMs));
  REQUIRE(tail.outages.size() == 1);
  check_near(tail.outages[0].downtime.estimate.value_ns, 50 * kMs, kInterval);
}

TEST_CASE("long pauses in half of the run do not become the normal round trip") {
  Synthetic trace(20'000);
  for (std::int64_t i = 0; i < 4; ++i)
    trace.pause((100 + i * 450) * kMs, (400 + i * 450) * kMs);
  trace.pause(1950 * kMs, 1955 * kMs);
  const Analysis analysis = analyzed(trace);
  REQUIRE(analysis.outages.size() == 5);
  CHECK(analysis.baseline.median_ns == kRtt);
  for (const Outage& outage : analysis.outages)
    CHECK(outage.baseline_rtt_ns == kRtt);
  check_near(analysis.outages[4].estimates.pause.value_ns, 5 * kMs, kInterval);
}
