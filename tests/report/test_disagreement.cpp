// What lies between a hypervisor's downtime and the probe's: from records, by their own evidence.
#include "harness/report/disagreement.hpp"
#include "tests/catch.hpp"

using namespace migbench;
using nlohmann::json;

namespace {

constexpr std::int64_t kMs = 1'000'000;

/// Paused from 100 to 200 ms by libvirt's events; the probe saw nothing from `start` to `end`, to
/// 2 ms on each side.
Record record_of(std::int64_t start, std::int64_t end, const std::string& kind, bool pulled) {
  Record record;
  MoveResult move{10 * kMs, 400 * kMs};
  move.phases.push_back({"switch-over", 100 * kMs, 200 * kMs});
  if (pulled) move.phases.push_back({"pull", 200 * kMs, 350 * kMs});
  record.migrations = {move};
  const auto outage = [&](std::int64_t from, std::int64_t to) {
    return json{
        {"start_ns", from * kMs},
        {"end_ns", to * kMs},
        {"kind", kind},
        {"downtime", {{"low_ns", (to - from - 2) * kMs}, {"high_ns", (to - from + 2) * kMs}}}};
  };
  // A short one before, which is not the move's.
  record.probe = {{"outages", {outage(20, 30), outage(start, end)}}};
  return record;
}

json parts_of(const Record& record, double own) {
  Disagreement all;
  all.add_move(record, 0, own);
  all.end_trial();
  return all.to_json();
}

bool says(const std::string& text, const std::string& part) {
  INFO(part << " in " << text);
  CHECK(text.find(part) != std::string::npos);
  return true;
}

}  // namespace

TEST_CASE("an outage is cut at the pause and at the resumption") {
  const json parts = parts_of(record_of(90, 260, "dropped", false), 97);
  CHECK(parts.at("before").at("median").get<double>() == Approx(10));
  CHECK(parts.at("after").at("median").get<double>() == Approx(60));
  CHECK(parts.at("events").at("median").get<double>() == Approx(3));
  CHECK(parts.at("bracket").at("median").get<double>() == Approx(2));
  // The parts are the whole: 170 ms without an answer are 97 of the hypervisor's and these.
  CHECK(10 + 60 + 3 == 170 - 97);
}

TEST_CASE("the sentence names the cause that this run's packets and events show") {
  const auto text = [](const Record& record, double own, double difference) {
    return disagreement_text(difference, parts_of(record, own));
  };
  says(text(record_of(99, 201, "dropped", false), 100, 2), "agree within the probe's bracket of 2");
  says(text(record_of(99, 260, "dropped", false), 100, 61), "until the network was switched over");
  says(text(record_of(99, 260, "paused", false), 100, 61), "no packet was lost");
  says(text(record_of(99, 260, "buffered", false), 100, 61), "then answered late");
  says(text(record_of(99, 340, "buffered", true), 100, 141), "waited for its pages");
  says(text(record_of(40, 205, "buffered", false), 100, 65), "while its memory was copied");
  says(text(record_of(99, 201, "dropped", false), 60, 42), "later than QEMU counted");
}

TEST_CASE("a move without events, or whose outage has no end, is not judged") {
  Record open = record_of(90, 260, "dropped", false);
  open.probe.at("outages").at(1).at("downtime")["high_ns"] = nullptr;
  CHECK(parts_of(open, 100).is_null());
  Record silent = record_of(90, 260, "dropped", false);
  silent.migrations.front().phases.clear();
  CHECK(parts_of(silent, 100).is_null());
  silent.probe = nullptr;
  CHECK(parts_of(silent, 100).is_null());
}
