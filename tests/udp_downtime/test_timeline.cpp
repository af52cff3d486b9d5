#include "tests/catch.hpp"
#include "tests/udp_downtime/synthetic.hpp"
#include "udp_downtime/timeline.hpp"

using namespace migbench::udp;
using namespace migbench::udp::test;

namespace {

std::uint64_t total(const std::vector<TimelinePoint>& points, std::uint64_t TimelinePoint::*field) {
  std::uint64_t sum = 0;
  for (const TimelinePoint& point : points)
    sum += point.*field;
  return sum;
}

}  // namespace

TEST_CASE("the timeline has every packet once, is bounded, and shows edges packet by packet") {
  Synthetic trace(100'000);
  trace.drop(1'000'000'000, 1'200'000'000).pause(4'000'000'000, 4'100'000'000);
  const Analysis analysis = analyzed(trace);
  REQUIRE(analysis.outages.size() == 2);
  const TimelineBounds bounds{.bins = 200, .detailed = 4, .edge_packets = 10};
  const auto points = timeline(trace, analysis.outages, bounds);
  CHECK(total(points, &TimelinePoint::sent) == 100'000);
  CHECK(total(points, &TimelinePoint::lost) == analysis.lost);
  CHECK(points.size() <= 200 + 2 * 43);
  CHECK(std::is_sorted(points.begin(), points.end(),
                       [](const auto& a, const auto& b) { return a.time_ns < b.time_ns; }));
  std::size_t single = 0;
  for (const TimelinePoint& point : points) {
    const bool at_edge = std::abs(point.time_ns - analysis.outages[0].start_ns) < 9 * kInterval;
    if (at_edge) {
      CHECK(point.sent == 1);
      ++single;
    }
  }
  CHECK(single >= 16);
}

TEST_CASE("a timeline of nothing and of less than its bins") {
  CHECK(timeline(Synthetic(0), {}).empty());
  CHECK(timeline(Synthetic(3), {}).size() == 3);
}

TEST_CASE("many outages do not make the timeline grow without bound") {
  Synthetic trace(200'000);
  for (std::int64_t i = 0; i < 200; ++i)
    trace.drop(i * 100'000'000, i * 100'000'000 + 5'000'000);
  const Analysis analysis = analyzed(trace);
  CHECK(analysis.outages.size() >= 199);
  CHECK(timeline(trace, analysis.outages).size() <= 500 + 16 * 43);
}
