// The wire format, and what is sent to and read from CRIU in it.
#include <array>
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "bench/error.hpp"
#include "harness/migration/criu/proto.hpp"
#include "harness/migration/criu/report.hpp"
#include "harness/migration/criu/rpc.hpp"
#include "tests/catch.hpp"

using namespace migbench;
using namespace migbench::criu;

namespace {

std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (const int value : values)
    text.push_back(static_cast<char>(value));
  return text;
}

}  // namespace

TEST_CASE("fields are encoded as the protobuf documentation shows") {
  // protobuf.dev/programming-guides/encoding: field 1 = 150, field 2 = "testing"
  CHECK(ProtoWriter().number(1, 150).bytes() == bytes({0x08, 0x96, 0x01}));
  CHECK(ProtoWriter().text(2, "testing").bytes() == bytes({0x12, 0x07}) + "testing");
  CHECK(ProtoWriter().message(3, ProtoWriter().number(1, 150)).bytes() ==
        bytes({0x1a, 0x03, 0x08, 0x96, 0x01}));
  // An int32 of -1 takes ten bytes.
  CHECK(ProtoWriter().integer(1, -1).bytes() ==
        bytes({0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}));
}

TEST_CASE("what is written is read again, and fields of other kinds are skipped") {
  const std::string text = bytes({0x09, 1, 2, 3, 4, 5, 6, 7, 8}) +  // field 1, 64 bits
                           bytes({0x15, 1, 2, 3, 4}) +              // field 2, 32 bits
                           ProtoWriter().number(300, 1ULL << 63U).text(4, "").bytes();
  ProtoReader reader(text);
  CHECK(reader.next()->field == 1);
  CHECK(reader.next()->field == 2);
  const auto number = reader.next();
  CHECK(number->field == 300);
  CHECK(number->number == 1ULL << 63U);
  CHECK(reader.next()->bytes.empty());
  CHECK_FALSE(reader.next().has_value());
}

TEST_CASE("a message that is cut off or is none is an error") {
  for (const std::string& text :
       {bytes({0x08}), bytes({0x08, 0x96}), bytes({0x12, 0x07, 't'}), bytes({0x0b}),
        bytes({0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1})}) {
    ProtoReader reader(text);
    CHECK_THROWS_AS(reader.next(), Error);
  }
}

TEST_CASE("a dump is asked for with the field numbers of rpc.proto") {
  Options options;
  options.images_dir = 7;
  options.pid = 42;
  options.external = {"mnt[/dev]:dev"};
  options.network_lock = NetworkLock::skip;
  const std::string request = make_request(Request::dump, options);
  const auto contains = [&request](const std::string& part) {
    return request.find(part) != std::string::npos;
  };
  CHECK(request.rfind(bytes({0x08, 0x01, 0x12}), 0) == 0);     // type: DUMP, then the options
  CHECK(contains(bytes({0x08, 7})));                           // images_dir_fd = 1
  CHECK(contains(bytes({0x10, 42})));                          // pid = 2
  CHECK(contains(bytes({0x28, 1})));                           // tcp_established = 5
  CHECK(contains(bytes({0x60, 1})));                           // notify_scripts = 12
  CHECK(contains(bytes({0xaa, 0x02, 13}) + "mnt[/dev]:dev"));  // external = 37
  CHECK(contains(bytes({0x80, 0x04, 3})));                     // network_lock = 64: SKIP
}

TEST_CASE("notifications and last words are told apart") {
  const auto notification =
      parse_response(ProtoWriter()
                         .number(1, 6)
                         .number(2, 1)
                         .message(5, ProtoWriter().text(1, "post-restore").number(2, 4711))
                         .bytes());
  CHECK_FALSE(notification.last);
  CHECK(notification.notification == "post-restore");
  CHECK(notification.pid == 4711);
  const auto failure =
      parse_response(ProtoWriter().number(1, 1).number(2, 0).number(7, 3).text(9, "why").bytes());
  CHECK(failure.last);
  CHECK_FALSE(failure.success);
  CHECK(failure.error == 3);
  CHECK(failure.error_text == "why");
}

namespace {

struct File {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("migbench-test-" + std::to_string(::getpid()));
  explicit File(const std::string& text) { std::ofstream(path, std::ios::binary) << text; }
  ~File() { std::filesystem::remove(path); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
};

}  // namespace

TEST_CASE("the errors of a log are found, the harmless one is not") {
  const File log(
      "(00.000971) Error (criu/util.c:1534): rlimit: Can't setup RLIMIT_NOFILE for self: "
      "Operation not permitted\n"
      "(00.001000) Warn  (criu/x.c:1): nothing\n"
      "(00.002000) Error (criu/sk-inet.c:191): Can't dump a socket\n"
      "(00.002100) Error (criu/cr-dump.c:1975): Dumping FAILED.\n");
  CHECK(log_errors(log.path) ==
        "Error (criu/sk-inet.c:191): Can't dump a socket; "
        "Error (criu/cr-dump.c:1975): Dumping FAILED.");
  CHECK(log_errors("/nonexistent/dump.log") == "it said nothing (/nonexistent/dump.log)");
}

TEST_CASE("statistics are read, and what is none of CRIU's is refused") {
  const std::string entry =
      ProtoWriter()
          .message(1, ProtoWriter().number(1, 137).number(2, 70001).number(7, 1049))
          .bytes();
  const std::array<std::uint32_t, 3> head{0x55105940, 0x57093306,
                                          static_cast<std::uint32_t>(entry.size())};
  const std::string good = std::string(reinterpret_cast<const char*>(head.data()), 12) + entry;
  {
    const File file(good);
    const auto statistics = read_statistics(file.path);
    CHECK(statistics.at("freezing_time") == 137);
    CHECK(statistics.at("frozen_time") == 70001);
    CHECK(statistics.at("pages_written") == 1049);
  }
  const File cut(good.substr(0, good.size() - 1));
  CHECK_THROWS_AS(read_statistics(cut.path), Error);
  CHECK(read_statistics("/nonexistent").is_null());
}
