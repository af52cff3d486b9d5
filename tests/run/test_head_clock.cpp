// The probe's times where the head has a clock of its own.
#include "harness/run/head_clock.hpp"
#include "tests/catch.hpp"

using namespace migbench;
using nlohmann::json;

TEST_CASE("a probe's times are put into this machine's clock, lengths are left") {
  json probe{
      {"start_ns", 1'000},
      {"interval_ns", 1'000},
      {"outages", {{{"start_ns", 1'500}, {"end_ns", 2'000}, {"downtime", {{"value_ns", 500}}}}}},
      {"sender", {{"stalls", {{{"start_ns", 1'200}, {"end_ns", 1'300}}}}}},
      {"timeline", {{{"t_ns", 1'000}}, {{"t_ns", 3'000}}}}};
  // There the clock is 9000 behind at first, and 9100 when 2000 have passed there.
  shift_times(probe, {1'000, 10'000, 7}, {3'000, 12'100, 5});
  CHECK(probe["start_ns"] == 10'000);
  CHECK(probe["interval_ns"] == 1'000);
  CHECK(probe["outages"][0]["start_ns"] == 10'525);
  CHECK(probe["outages"][0]["end_ns"] == 11'050);
  CHECK(probe["outages"][0]["downtime"]["value_ns"] == 500);
  CHECK(probe["sender"]["stalls"][0]["end_ns"] == 10'315);
  CHECK(probe["timeline"][1]["t_ns"] == 12'100);
  CHECK(probe["clock_shift"] == json{{"added_ns", 9'000}, {"drift_ns", 100}, {"bound_ns", 7}});
}

TEST_CASE("a clock that was read once only shifts") {
  json probe{{"end_ns", 5}};
  shift_times(probe, {100, 40, 1}, {100, 40, 1});
  CHECK(probe["end_ns"] == -55);
}
