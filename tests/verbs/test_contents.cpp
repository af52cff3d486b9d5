// The pass that checks contents notices a byte that is wrong, whichever side received it.
#include "tests/verbs/pair.hpp"

using namespace migbench;
using namespace std::chrono_literals;

TEST_CASE("a size whose contents are wrong is named and not measured") {
  const auto guest = guest_or_skip();
  const std::string spoiler = find_program("libtest_verbs_spoil_memory.so").string();
  // 4 KiB fill whole pages, so that the library knows where what is received begins; the byte that
  // it spoils is not among the first 8.
  for (const char* operation : {"write", "send"}) {
    for (const bool at_server : {true, false}) {
      CAPTURE(operation, at_server);
      Command server = driver("latency", {"--wait", "20s"});
      Command client =
          driver("latency", {kRoceAddress, "--operation", operation, "--sizes", "8,4KiB",
                             "--iterations", "10", "--warmup", "2", "--json", "-"});
      (at_server ? server : client).env["LD_PRELOAD"] = spoiler;
      Process serving = guest->start(server);
      REQUIRE(serving.wait_for_output("listening", 20s));
      const Finished finished = guest->run(client, 60s);
      INFO(describe(finished));
      CHECK(finished.status == 1);
      CHECK(serving.wait(20s).status == 0);
      const auto document = find_driver_document(finished, "migbench-verbs-latency");
      REQUIRE(document.is_object());
      REQUIRE(document["results"].size() == 1);
      CHECK(document["results"][0]["size"] == 8);
      REQUIRE(document["corrupt"].size() == 1);
      const auto what = document["corrupt"][0].get<std::string>();
      CHECK(what.find("size 4KiB: ") == 0);
      CHECK(what.find(at_server ? "server" : "client") != std::string::npos);
      CHECK(what.find("byte 100 of 4096 is wrong") != std::string::npos);
    }
  }
}
