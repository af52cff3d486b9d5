#include <array>

#include "pingpong/result.hpp"
#include "tests/catch.hpp"

using namespace migbench;
using namespace migbench::pingpong;

namespace {

Result result_of(std::initializer_list<std::int64_t> samples, Bytes size, std::int64_t per_sample) {
  const std::vector<std::int64_t> values(samples);
  Result result;
  result.size = size;
  result.per_sample = per_sample;
  result.summary = summarize(std::span<const std::int64_t>(values)).value();
  return result;
}

}  // namespace

TEST_CASE("latency is half a round trip, also of a batch") {
  const auto each = result_of({2000, 2200, 2400, 2000, 2200, 2400, 2200}, {8}, 1);
  CHECK(latency(each).median == Approx(1.1));
  REQUIRE(latency(each).interval);
  CHECK(latency(each).interval->low == Approx(1.0));
  CHECK(latency(each).interval->high == Approx(1.2));
  const auto batch = result_of({200'000}, {8}, 100);
  CHECK(latency(batch).median == Approx(1.0));
  CHECK_FALSE(latency(batch).interval);
  const auto document = to_json(Options{}, each);
  CHECK(document["latency"]["unit"] == "us");
  CHECK(document["quantity"] == "round-trip");
  CHECK(document["iterations"] == 7);
  CHECK(document["validated"] == true);
}

TEST_CASE("bandwidth is in 10^6 bytes a second, and its low end is the slow one") {
  Options options;
  options.mode = Mode::bandwidth;
  options.window = 10;
  // 10 messages of 1000 bytes in 1000 ns: 10 bytes a nanosecond.
  const auto result = result_of({1000, 1000, 1000, 2000, 500, 1000, 1000}, {1000}, 1);
  CHECK(bandwidth(options, result).median == Approx(10'000));
  CHECK(bandwidth(options, result).interval->low == Approx(5'000));
  CHECK(bandwidth(options, result).interval->high == Approx(20'000));
  CHECK(bandwidth(options, result).mean == Approx(7.0 * 10'000 / 7500 * 1000));
  CHECK(message_rate(options, result).median == Approx(1e7));
  options.bidirectional = true;
  CHECK(bandwidth(options, result).median == Approx(20'000));
  CHECK(to_json(options, result)["messages_per_iteration"] == 20);
  CHECK(to_json(options, result)["bandwidth"]["unit"] == "MB/s");
}

TEST_CASE("the samples that are written are spread evenly over the measurement") {
  const std::array<std::int64_t, 10> samples{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  CHECK(thin(samples, 5) == std::vector<std::int64_t>{0, 2, 4, 6, 8});
  CHECK(thin(samples, 3) == std::vector<std::int64_t>{0, 3, 6});
  CHECK(thin(samples, 0).empty());
  CHECK(thin(samples, kAllSamples).size() == 10);
  CHECK(thin({}, 5).empty());
}
