// The parts that need no device.
#include <array>
#include <thread>

#include <nlohmann/json.hpp>
#include <sys/socket.h>

#include "bench/verbs/call.hpp"
#include "bench/verbs/control.hpp"
#include "bench/verbs/endpoint.hpp"
#include "bench/verbs/memory.hpp"
#include "bench/verbs/options.hpp"
#include "bench/verbs/stream.hpp"
#include "tests/catch.hpp"

using namespace migbench;
using namespace migbench::verbs;
using namespace std::chrono_literals;

namespace {

Options parsed(std::vector<const char*> words, Mode mode = Mode::latency) {
  words.insert(words.begin(), "program");
  return parse_options(mode, static_cast<int>(words.size()), words.data()).options.value();
}

std::pair<Control, Control> connected_pair() {
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
  return {Control(ends[0]), Control(ends[1])};
}

std::string message_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "nothing was thrown";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("settings come back from the wire as they were sent") {
  const Options options = parsed({"host", "--operation", "send", "--transport", "ud", "--sizes",
                                  "8,64", "--qps", "3", "--srq", "--inline", "17", "--mtu", "512",
                                  "--deadline", "3s", "--completion", "events"});
  const Settings back = settings_from_json(verbs::to_json(options.settings));
  CHECK(verbs::to_json(back) == verbs::to_json(options.settings));
  CHECK(back.inline_bytes == 17);
  CHECK(back.deadline == 3s);
  auto broken = verbs::to_json(options.settings);
  broken.erase("qps");
  CHECK(contains(message_of([&] { (void)settings_from_json(broken); }), "another version"));
}

TEST_CASE("combinations that do not exist are refused with the way out") {
  const std::vector<std::pair<std::vector<const char*>, std::string>> wrong{
      {{"h", "--operation", "read", "--transport", "uc"}, "use --transport rc"},
      {{"h", "--operation", "write", "--transport", "ud"}, "use --operation send"},
      {{"h", "--connection", "cm", "--transport", "uc", "--operation", "send"}, "--connection tcp"},
      {{"h", "--connection", "cm", "--mtu", "512"}, "--connection tcp"},
      {{"h", "--completion", "events"}, "write-imm or send"},
      {{"h", "--srq"}, "no meaning"},
      {{"h", "--sizes", "0"}, "not within 1"},
      {{"h", "--sizes", "2GiB"}, "not within 1"},
      {{"h", "--iterations", "5", "--budget", "1s"}, "leave --budget out"},
      {{"h", "--inline", "much"}, "--inline much"},
      {{"h", "--mtu", "1500"}, "--mtu"},
  };
  for (const auto& [words, text] : wrong) {
    CAPTURE(words);
    CHECK_THROWS_AS(parsed(words), InputError);
    const std::string said = message_of([&words = words] { (void)parsed(words); });
    CAPTURE(said);
    CHECK(contains(said, text));
  }
  // A plain write in bandwidth completes at its sender: there events have a meaning.
  CHECK_NOTHROW(parsed({"h", "--completion", "events"}, Mode::bandwidth));
}

TEST_CASE("windows are whole groups, and large messages need few") {
  Settings settings;
  settings.depth = 100;
  CHECK(group_of(settings, {64}) == 25);
  CHECK(window_of(settings, {64}) == 100);
  CHECK(group_of(settings, {65536}) == 1);
  CHECK(window_of(settings, {65536}) == 64);
  CHECK(window_of(settings, {8U << 20U}) == 2);
  settings.depth = 9;
  settings.signal_every = 4;
  CHECK(window_of(settings, {64}) == 8);
  settings.depth = 1;
  CHECK(group_of(settings, {64}) == 1);
  CHECK(window_of(settings, {64}) == 1);
}

TEST_CASE("no two slots of a layout share a byte") {
  for (const bool header : {false, true}) {
    for (const std::uint64_t size : {1UL, 64UL, 4096UL, 8UL << 20U, 64UL << 20U}) {
      const Layout layout = layout_for({size}, header);
      CAPTURE(size, header, layout.slots, layout.stride);
      CHECK(layout.slots >= 1);
      CHECK(layout.stride >= size + layout.lead);
      CHECK(layout.receive_offset(0) >= layout.send_offset(layout.slots - 1) + size);
      CHECK(layout.payload_offset(layout.slots - 1) + size <= layout.total());
      CHECK(layout.lead == (header ? 40U : 0U));
    }
  }
}

TEST_CASE("a work id holds what was put into it") {
  const WorkId id{WorkId::Kind::receive, 1023, 7, 8192};
  const WorkId back = WorkId::unpack(id.pack());
  CHECK(back.kind == WorkId::Kind::receive);
  CHECK(back.lane == 1023);
  CHECK(back.slot == 7);
  CHECK(back.messages == 8192);
}

TEST_CASE("what a peer says, complains of or does not say any more arrives as such") {
  auto [here, there] = connected_pair();
  CHECK_FALSE(here.has_message());
  const std::string large(300'000, 'x');
  std::thread sender([&there = there, &large] {
    there.send({{"a", 1}});
    there.send({{"b", large}});
  });
  CHECK(here.receive(2s).at("a") == 1);
  CHECK(here.receive(2s).at("b") == large);
  sender.join();
  CHECK(contains(message_of([&here = here] { (void)here.receive(50ms); }), "says nothing"));
  const std::string endless(16'000'000, 'x');
  CHECK(contains(message_of([&here = here, &endless] {
                   here.send({{"c", endless}}, 200ms);
                 }),
                 "takes nothing any more"));
  there.complain("it is full");
  CHECK(contains(message_of([&here = here] { (void)here.receive(2s); }),
                 "the peer failed: it is full"));
  { const Control gone = std::move(there); }
  CHECK(contains(message_of([&here = here] { (void)here.has_message(); }), "the peer has ended"));
  CHECK(contains(message_of([&here = here] { here.send({{"c", 1}}); }), "the peer has ended"));
}

TEST_CASE("a peer that is no migbench program is found out") {
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
  Control here(ends[0]);
  REQUIRE(::send(ends[1], "SSH-2.0-OpenSSH\r\n", 17, 0) == 17);
  CHECK(contains(message_of([&] { (void)here.receive(2s); }), "no migbench program"));
  ::close(ends[1]);
}

TEST_CASE("a failed call names itself, errno's text and a remedy") {
  const std::string memory = call_error("ibv_reg_mr", ENOMEM, " of 1GiB").what();
  CHECK(contains(memory, "ibv_reg_mr of 1GiB: Cannot allocate memory; the limit of locked memory"));
  CHECK(contains(call_error("ibv_modify_qp to RTR", EINVAL).what(), "--gid-index"));
  CHECK(contains(call_error("ibv_open_device", EACCES, " mlx5_0").what(), "/dev/infiniband"));
  CHECK(contains(call_error("rdma_create_event_channel", ENODEV).what(), "modprobe rdma_ucm"));
  CHECK(call_error("ibv_query_device", EIO).what() ==
        std::string("ibv_query_device: Input/output error"));
  ibv_wc lost{};
  lost.status = IBV_WC_RETRY_EXC_ERR;
  CHECK(contains(completion_error(lost).what(), "the peer is gone"));
}

TEST_CASE("the rate of a stream is that of its samples") {
  Recorder recorder(100);
  for (const std::int64_t ns : {1000, 2000, 4000, 2000, 2000, 1000, 4000})
    recorder.store().add(ns);
  const auto entry = stream_json(recorder, {500}, 4, 100);
  CHECK(entry["bandwidth"]["median"].get<double>() == Approx(1000));  // 2000 B in 2 us
  CHECK(entry["message_rate"]["median"].get<double>() == Approx(2e6));
  CHECK(entry["bandwidth"]["mean"].get<double>() == Approx(7 * 2000.0 / 16'000 * 1000));
  CHECK(entry["samples"].size() == 7);
}
