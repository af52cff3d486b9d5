// Every operation over every transport, and every way to drive it, on a soft-RoCE device in a
// guest: contents are checked by the drivers, traffic by the device's own counters.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tests/verbs/pair.hpp"

using namespace migbench;
using nlohmann::json;

namespace {

/// What every measurement must have: both sides ended well, each size has figures, its contents
/// were checked, and the packets went through the device.
void check_result(const PairResult& result, std::size_t sizes, const char* figure) {
  INFO(describe(result.client));
  INFO(describe(result.server));
  REQUIRE(result.client.status == 0);
  CHECK(result.server.status == 0);
  REQUIRE(result.document.is_object());
  const json& results = result.document.at("results");
  REQUIRE(results.size() == sizes);
  std::int64_t messages = 0;
  for (const json& entry : results) {
    CHECK(entry.at("validated") == true);
    CHECK(entry.at(figure).at("median").get<double>() > 0);
    CHECK(entry.at("samples").size() == entry.at("summary").at("n").get<std::size_t>());
    messages += entry.at("summary").at("n").get<std::int64_t>() *
                entry.value("messages_per_sample", std::int64_t{1});
  }
  const json& counters = result.document.at("counters");
  const auto sent = counters.at("client").at("sent_pkts").get<std::int64_t>();
  CHECK(sent >= messages);
  CHECK(result.document.at("labels") == json{"emulated: soft-RoCE"});
}

struct Case {
  const char* program;
  Words options;
};

}  // namespace

TEST_CASE("each operation over each transport measures, and carries the right contents") {
  const auto guest = guest_or_skip();
  const std::vector<std::pair<std::string, std::string>> all{
      {"write", "rc"},     {"write", "uc"}, {"read", "rc"}, {"write-imm", "rc"},
      {"write-imm", "uc"}, {"send", "rc"},  {"send", "uc"}, {"send", "ud"}};
  for (const auto& [operation, transport] : all) {
    CAPTURE(operation, transport);
    const Words what{"--operation", operation, "--transport", transport};
    Words latency = what;
    latency.insert(latency.end(), {"--sizes", "1,1000", "--iterations", "20", "--warmup", "5"});
    const PairResult timed = run_pair(*guest, "latency", latency);
    check_result(timed, 2, "latency");
    CHECK(timed.document["results"][0]["quantity"] ==
          (operation == "read" ? "operation" : "round-trip"));
    CHECK(timed.document["results"][0]["summary"]["n"] == 20);

    Words bandwidth = what;
    bandwidth.insert(bandwidth.end(), {"--sizes", "8,1000", "--iterations", "3", "--depth", "16",
                                       "--receive-depth", "32", "--warmup", "8", "--batch", "20"});
    const PairResult flooded = run_pair(*guest, "bandwidth", bandwidth);
    check_result(flooded, 2, "bandwidth");
    CHECK(flooded.document["results"][0]["messages_per_sample"] == 20);
  }
}

TEST_CASE("connections, completions, queues and addresses can all be chosen") {
  const auto guest = guest_or_skip();
  const Words few{"--iterations", "3", "--warmup", "3", "--sizes", "64,5000"};
  const std::vector<Case> cases{
      {"latency", {"--connection", "cm"}},
      {"bandwidth", {"--connection", "cm", "--qps", "3", "--operation", "send"}},
      {"latency", {"--completion", "events", "--operation", "send"}},
      {"latency", {"--completion", "events", "--operation", "read"}},
      {"bandwidth", {"--completion", "events", "--bidirectional", "--operation", "send"}},
      {"bandwidth", {"--bidirectional", "--operation", "write-imm", "--qps", "2"}},
      {"latency", {"--operation", "send", "--qps", "3", "--srq"}},
      {"bandwidth", {"--operation", "send", "--qps", "3", "--srq", "--receive-depth", "16"}},
      {"latency", {"--inline", "0", "--mtu", "256"}},
      {"bandwidth", {"--signal-every", "4", "--depth", "9"}},
      {"latency",
       {"--service-level", "3", "--roce", "v2", "--completion", "events", "--operation",
        "write-imm"}},
      {"latency", {"--completion", "events", "--operation", "send", "--qps", "2"}},
  };
  for (const auto& [program, options] : cases) {
    CAPTURE(fmt::format("{} {}", program, fmt::join(options, " ")));
    Words words = few;
    words.insert(words.end(), options.begin(), options.end());
    if (std::string(program) == "bandwidth") words.insert(words.end(), {"--batch", "16"});
    if (std::find(words.begin(), words.end(), "--depth") == words.end() &&
        std::string(program) == "bandwidth")
      words.insert(words.end(), {"--depth", "8"});
    const PairResult result = run_pair(*guest, program, words);
    check_result(result, 2, program);
    const json& settings = result.document["settings"];
    if (settings["mtu"] == 256) CHECK(result.document["client"]["path_mtu"] == 256);
    if (settings["inline"] == 0) CHECK(result.document["client"]["endpoint"]["inline_limit"] == 0);
    CHECK(result.document["client"]["device"]["gid_type"] == "RoCE v2");
    if (settings["bidirectional"] == true) {
      const json& entry = result.document["results"][0];
      REQUIRE(entry["directions"].size() == 2);
      CHECK(entry["bandwidth"]["median"].get<double>() ==
            Approx(entry["directions"][0]["bandwidth"]["median"].get<double>() +
                   entry["directions"][1]["bandwidth"]["median"].get<double>()));
    }
  }
  {
    INFO("the largest message, over and over");
    const PairResult large =
        run_pair(*guest, "bandwidth", {"--sizes", "8MiB", "--iterations", "2", "--warmup", "1"});
    check_result(large, 1, "bandwidth");
    CHECK(large.document["results"][0]["message_rate"]["median"].get<double>() > 0);
  }
  {
    INFO("until the interval is narrow enough, with all samples or some");
    const PairResult narrow = run_pair(*guest, "latency",
                                       {"--sizes", "64", "--operation", "read", "--fewest", "50",
                                        "--precision", "1", "--budget", "20s", "--samples", "20"});
    REQUIRE(narrow.client.status == 0);
    const json& entry = narrow.document["results"][0];
    CHECK(entry["stopped"] == "narrow-enough");
    CHECK(entry["summary"]["n"].get<int>() >= 50);
    CHECK(entry["samples"].size() == 20);
    CHECK(entry["latency"]["interval"].is_array());
  }
  {
    INFO("IPv6, with and without the connection manager");
    for (const char* connection : {"tcp", "cm"}) {
      const PairResult six = run_pair(
          *guest, "latency", {"--iterations", "5", "--sizes", "64", "--connection", connection}, {},
          kRoceAddress6);
      check_result(six, 1, "latency");
      CHECK(six.document["client"]["device"]["gid"] == kRoceAddress6);
    }
  }
  {
    INFO("the GID by its index, and huge pages");
    REQUIRE(guest
                ->run({{"sh", "-c", "echo 40 > /proc/sys/vm/nr_hugepages"}, {}, {}},
                      std::chrono::seconds(20))
                .ok());
    const Words own{"--gid-index", "0",    "--huge-pages", "2MiB",
                    "--device",    "rxe0", "--ib-port",    "1"};
    Words client{"--iterations", "5", "--sizes", "8MiB"};
    client.insert(client.end(), own.begin(), own.end());
    const PairResult result = run_pair(*guest, "latency", client, own);
    check_result(result, 1, "latency");
    CHECK(result.document["client"]["device"]["gid_index"] == 0);
    CHECK(result.document["server"]["endpoint"]["huge_pages"] == "2MiB");
  }
}
