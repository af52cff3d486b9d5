#include "bench/recorder.hpp"
#include "tests/catch.hpp"

using namespace migbench;
using namespace std::chrono_literals;

namespace {

void record(Recorder& recorder, std::int64_t from, std::int64_t to) {
  for (std::int64_t value = from; value < to; ++value) {
    REQUIRE(recorder.room() > 0);
    recorder.store().add(value);
    if (recorder.room() == 0) recorder.settle();
  }
  recorder.settle();
}

}  // namespace

TEST_CASE("samples stay raw up to the bound and go to a histogram past it, none lost") {
  Recorder recorder(1000);
  record(recorder, 1, 1001);
  CHECK(recorder.raw().size() == 1000);
  CHECK_FALSE(recorder.histogram());
  CHECK(recorder.summary()->median == Approx(500.5));

  record(recorder, 1001, 20'001);
  CHECK(recorder.raw().empty());
  REQUIRE(recorder.histogram());
  CHECK(recorder.count() == 20'000);
  CHECK(recorder.histogram()->count() == 20'000);
  const auto summary = recorder.summary().value();
  CHECK(summary.n == 20'000);
  CHECK(summary.median == Approx(10'000).epsilon(0.01));
  CHECK(summary.p99 == Approx(19'800).epsilon(0.01));
  CHECK(summary.minimum == 1);
  CHECK(summary.maximum == 20'000);
  CHECK(summary.mean == Approx(10'000.5));
  REQUIRE(summary.interval);
  CHECK(summary.interval->contains(10'000));

  recorder.clear();
  CHECK(recorder.count() == 0);
  CHECK_FALSE(recorder.summary());
  record(recorder, 0, 10);
  CHECK(recorder.raw().size() == 10);
}

TEST_CASE("a bound of zero keeps no raw sample") {
  Recorder recorder(0);
  record(recorder, 100, 110);
  CHECK(recorder.raw().empty());
  CHECK(recorder.histogram()->count() == 10);
}

TEST_CASE("raw samples and a histogram are judged alike") {
  StoppingRule rule;
  rule.fewest = 100;
  rule.most = 50'000;
  rule.budget = 1s;
  for (const std::size_t bound : {0U, 1'000'000U}) {
    CAPTURE(bound);
    Recorder recorder(bound);
    record(recorder, 10'000, 10'050);
    CHECK(recorder.judge(rule, 0s) == Stopped::not_yet);
    CHECK(recorder.judge(rule, 1s) == Stopped::budget_spent);
    record(recorder, 10'050, 10'200);
    CHECK(recorder.judge(rule, 0s) == Stopped::narrow_enough);
    rule.relative_width = 0;
    CHECK(recorder.judge(rule, 0s) == Stopped::not_yet);
    rule.relative_width = 0.02;
    record(recorder, 0, 50'000);
    CHECK(recorder.judge(rule, 0s) == Stopped::most_samples);
  }
}

TEST_CASE("the next step: a guess counts only while there is no sample") {
  StoppingRule rule;
  rule.fewest = 10;
  rule.most = 1000;
  rule.relative_width = 0;
  rule.budget = 1s;
  Recorder recorder(1000);
  // One sample is guessed to take 50 ms: two of them make the longest block there may be.
  const Step first = next_step(recorder, rule, 0ns, 50e6);
  CHECK(first.stopped == Stopped::not_yet);
  CHECK(first.samples == 2);
  // They took 1 us each, whatever was guessed: the rule's own ten are looked at next.
  record(recorder, 1, 3);
  CHECK(next_step(recorder, rule, 2us, 50e6).samples == 8);
  // Who has enough still tells how many others may take.
  record(recorder, 3, 1001);
  const Step last = next_step(recorder, rule, 1ms, 50e6);
  CHECK(last.stopped == Stopped::most_samples);
  CHECK(last.samples >= 1);
}
