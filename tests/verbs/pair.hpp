// A server and a client of a verbs driver in one guest, over its soft-RoCE device.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/workload/driver_output.hpp"
#include "tests/catch.hpp"
#include "tests/verbs/roce_guest.hpp"

namespace migbench {

inline constexpr const char* kRoceAddress = "10.0.2.15";
inline constexpr const char* kRoceAddress6 = "fd00::15";

using Words = std::vector<std::string>;

struct PairResult {  // NOLINT(bugprone-exception-escape): of a json member
  Finished client;
  Finished server;
  nlohmann::json document;
};

inline Command driver(const std::string& which, const Words& options) {
  Command command{{find_program("migbench-verbs-" + which).string()}, {}, {}};
  command.argv.insert(command.argv.end(), options.begin(), options.end());
  return command;
}

/// A guest for this test case, or the case is skipped.
inline std::unique_ptr<guest::QemuGuest> guest_or_skip() {
  if (const auto missing = roce_guest_support())
    skip_test(missing->reason + "; " + missing->remedy);
  if (look_for_program("migbench-verbs-latency").empty())
    skip_test("this build has no verbs drivers; apt-get install libibverbs-dev librdmacm-dev");
  return boot_roce_guest();
}

/// A server that listens.
inline Process start_server(const Place& guest, const std::string& which,
                            const Words& options = {}) {
  Words words{"--wait", "20s"};
  words.insert(words.end(), options.begin(), options.end());
  // Its process id stays for tests that end it.
  Command command = driver(which, words);
  const Words shell{"sh", "-c", "echo $$ > /run/verbs-server; exec \"$@\"", "sh"};
  command.argv.insert(command.argv.begin(), shell.begin(), shell.end());
  Process server = guest.start(command);
  REQUIRE(server.wait_for_output("listening", std::chrono::seconds(20)));
  return server;
}

inline PairResult run_pair(const Place& guest, const std::string& which, const Words& options,
                           const Words& server_options = {}, const char* address = kRoceAddress) {
  Process server = start_server(guest, which, server_options);
  Words words{address, "--json", "-"};
  words.insert(words.end(), options.begin(), options.end());
  PairResult result;
  result.client = guest.run(driver(which, words), std::chrono::seconds(40));
  result.server = server.wait(std::chrono::seconds(20));
  result.document = find_driver_document(result.client, "migbench-verbs-" + which);
  return result;
}

}  // namespace migbench
