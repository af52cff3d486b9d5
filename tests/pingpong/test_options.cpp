#include <vector>

#include <nlohmann/json.hpp>

#include "bench/error.hpp"
#include "pingpong/options.hpp"
#include "tests/catch.hpp"

using namespace migbench;
using namespace migbench::pingpong;
using namespace std::chrono_literals;

namespace {

Parsed parse(std::vector<const char*> words) {
  words.insert(words.begin(), "migbench-pingpong");
  return parse_options(static_cast<int>(words.size()), words.data());
}

Options options(const std::vector<const char*>& words) {
  return parse(words).options.value();
}

}  // namespace

TEST_CASE("each mode has its own defaults") {
  const Options latency = options({"latency"});
  CHECK(latency.mode == Mode::latency);
  CHECK(latency.calls == Calls::blocking);
  CHECK(latency.timing == Timing::iteration);
  CHECK(latency.sizes.front() == Bytes{0});
  CHECK(latency.sizes.back() == Bytes{4U << 20U});
  CHECK(latency.sizes.size() == 24);
  CHECK(latency.window == 1);
  CHECK(latency.pairs == std::vector<Pair>{{0, 1}});
  CHECK_FALSE(latency.json);

  const Options bandwidth = options({"bandwidth"});
  CHECK(bandwidth.mode == Mode::bandwidth);
  CHECK(bandwidth.calls == Calls::nonblocking);
  CHECK(bandwidth.window == 64);
  CHECK(bandwidth.sizes.front() == Bytes{1});
  CHECK_FALSE(bandwidth.bidirectional);
}

TEST_CASE("options are taken over") {
  const Options o = options({"bandwidth", "--sizes",     "8,1KiB..4KiB",
                             "--pairs",   "0,2",         "3,1",
                             "--window",  "16",          "--bidirectional",
                             "--buffers", "separate",    "--calls",
                             "blocking",  "--timing",    "batch",
                             "--batch",   "7",           "--budget",
                             "50ms",      "--precision", "0.1",
                             "--fewest",  "3",           "--most",
                             "9",         "--warmup",    "0",
                             "--keep",    "5",           "--samples",
                             "all",       "--validate",  "0",
                             "--json"});
  CHECK(o.sizes == std::vector<Bytes>{{8}, {1024}, {2048}, {4096}});
  CHECK(o.pairs == std::vector<Pair>{{0, 2}, {3, 1}});
  CHECK(o.window == 16);
  CHECK(o.bidirectional);
  CHECK(o.separate_buffers);
  CHECK(o.calls == Calls::blocking);
  CHECK(o.timing == Timing::batch);
  CHECK(o.batch == 7);
  CHECK(o.rule.budget == 50ms);
  CHECK(o.rule.relative_width == Approx(0.1));
  CHECK(rule_for(o, Bytes{8}).fewest == 3);
  CHECK(o.rule.most == 9);
  CHECK(warmup_for(o, Bytes{8}) == 0);
  CHECK(o.keep == 5);
  CHECK(o.samples == kAllSamples);
  CHECK(o.validate == 0);
  CHECK(o.json == "-");
  CHECK(to_json(o)["pairs"] == nlohmann::json::parse("[[0,2],[3,1]]"));
  CHECK(options({"latency", "--json", "x.json"}).json == "x.json");
  CHECK(options({"latency", "--pairs", "all"}).all_pairs);
  CHECK(options({"latency", "--pair", "2,1"}).pairs == std::vector<Pair>{{2, 1}});
  CHECK(options({"latency", "--samples", "none"}).samples == 0);
}

TEST_CASE("a fixed number of iterations is neither shortened nor judged") {
  const Options each = options({"latency", "--iterations", "500"});
  CHECK(rule_for(each, Bytes{8}).fewest == 500);
  CHECK(each.rule.most == 500);
  CHECK(each.rule.relative_width == 0);
  CHECK(each.rule.budget > 1h);

  const Options one_batch = options({"latency", "--timing", "batch", "--iterations", "500"});
  CHECK(one_batch.batch == 500);
  CHECK(one_batch.rule.most == 1);

  const Options batches =
      options({"latency", "--timing", "batch", "--iterations", "500", "--batch", "200"});
  CHECK(batches.batch == 200);
  CHECK(batches.rule.most == 3);
}

TEST_CASE("large messages are repeated less") {
  const Options latency = options({"latency"});
  CHECK(rule_for(latency, Bytes{8192}).fewest > rule_for(latency, Bytes{8193}).fewest);
  CHECK(warmup_for(latency, Bytes{8192}) > warmup_for(latency, Bytes{8193}));
  const Options few = options({"latency", "--most", "10"});
  CHECK(rule_for(few, Bytes{8}).fewest == 10);
}

TEST_CASE("what cannot be meant is refused with the option's name") {
  const std::vector<std::vector<const char*>> bad{
      {},
      {"throughput"},
      {"latency", "--sizes", "8,"},
      {"latency", "--sizes", "2GiB"},
      {"latency", "--window", "4"},
      {"latency", "--pairs", "0"},
      {"latency", "--pairs", "0,x"},
      {"latency", "--pairs", "0,-1"},
      {"latency", "--budget", "3"},
      {"latency", "--precision", "2"},
      {"latency", "--samples", "many"},
      {"latency", "--batch", "10"},
      {"latency", "--iterations", "10", "--budget", "1s"},
      {"latency", "--iterations", "0"},
      {"latency", "--fewest", "20", "--most", "10"},
      {"latency", "--calls", "remote"},
      {"bandwidth", "--window", "0"},
      {"bandwidth", "--buffers", "separate", "--window", "100000", "--sizes", "1MiB"},
      {"latency", "bandwidth"},
  };
  for (const auto& words : bad) {
    CAPTURE(words.empty() ? "nothing" : words.back());
    CHECK_THROWS_AS(parse(words), InputError);
  }
}

TEST_CASE("help and version are texts, not errors") {
  CHECK(parse({"--help"}).text.find("Examples:") != std::string::npos);
  CHECK(parse({"latency", "--help"}).text.find("--sizes") != std::string::npos);
  CHECK(parse({"bandwidth", "--help"}).text.find("--bidirectional") != std::string::npos);
  CHECK(parse({"--version"}).text.find("migbench-pingpong ") == 0);
  CHECK_FALSE(parse({"--version"}).options);
}
