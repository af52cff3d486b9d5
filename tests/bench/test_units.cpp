#include "bench/error.hpp"
#include "bench/units.hpp"
#include "tests/catch.hpp"

using namespace migbench;
using namespace std::chrono_literals;

TEST_CASE("sizes are read and written in binary units") {
  CHECK(parse_bytes("0") == Bytes{0});
  CHECK(parse_bytes("64K") == Bytes{65536});
  CHECK(parse_bytes("4 MiB") == Bytes{4U << 20U});
  CHECK(parse_bytes("1.5KiB") == Bytes{1536});
  CHECK(parse_bytes("100MB") == Bytes{100'000'000});
  CHECK(format_bytes(Bytes{4U << 20U}) == "4MiB");
  CHECK(format_bytes(Bytes{1000}) == "1000");
  CHECK(format_bytes(Bytes{0}) == "0");
  for (const auto* bad : {"", "x", "-1", "1.5", "4 Mib", "1e30", "nan", "8 8"}) {
    CHECK_THROWS_AS(parse_bytes(bad), InputError);
  }
}

TEST_CASE("durations carry their unit") {
  CHECK(parse_duration("100us") == 100us);
  CHECK(parse_duration("1.5 ms") == 1500us);
  CHECK(parse_duration("3min") == 180s);
  for (const auto* bad : {"", "100", "-1s", "5 fortnights", "inf s"})
    CHECK_THROWS_AS(parse_duration(bad), InputError);
  CHECK(format_duration(1190ns) == "1.19 us");
  CHECK(format_duration(0ns) == "0 ns");
}

TEST_CASE("lists of sizes mix single sizes and ranges of powers of two") {
  const auto sizes = parse_sizes("0,1..16,12,4KiB,16");
  const std::vector<Bytes> expected{{0}, {1}, {2}, {4}, {8}, {12}, {16}, {4096}};
  CHECK(sizes == expected);
  CHECK(parse_sizes("0..2") == std::vector<Bytes>{{0}, {1}, {2}});
  CHECK_THROWS_AS(parse_sizes("8,,16"), InputError);
  CHECK_THROWS_AS(parse_sizes("16..8"), InputError);
}
