// The drivers as workloads: the commands that the harness runs, in a guest, and what it reads.
#include <algorithm>

#include "harness/workload/workload.hpp"
#include "tests/verbs/pair.hpp"

using namespace migbench;
using nlohmann::json;

namespace {

const Workload& workload(std::string_view name) {
  return Registry<Workload>::instance().at(name, "workload");
}

json with(json defaults, const json& changes) {
  defaults.update(changes);
  return defaults;
}

}  // namespace

TEST_CASE("a verbs workload is a client in the first instance and a server in the last") {
  const auto guest = guest_or_skip();
  for (const char* which : {"latency", "bandwidth"}) {
    const Workload& one = workload(std::string("verbs-") + which);
    const json parameters =
        with(one.defaults(),
             {{"sizes", {8, "1KiB"}}, {"operation", "send"}, {"depth", 16}, {"budget", "100ms"}});
    Job job = one.job(parameters);
    CHECK(job.ranks == 0);
    CHECK(job.instances == 2);
    REQUIRE(std::count(job.program.argv.begin(), job.program.argv.end(), "{server}") == 1);
    std::replace(job.program.argv.begin(), job.program.argv.end(), std::string("{server}"),
                 std::string(kRoceAddress));
    Process server = guest->start(job.server);
    REQUIRE(server.wait_for_output("listening", std::chrono::seconds(20)));
    const Finished finished = guest->run(job.program, std::chrono::seconds(40));
    INFO(describe(finished));
    CHECK(server.wait(std::chrono::seconds(20)).status == 0);
    const auto metrics = one.metrics(parameters, finished);
    REQUIRE(metrics.size() == 2);
    CHECK(metrics[0].name == which);
    CHECK(metrics[1].point == json{{"size", 1024}});
    CHECK(metrics[1].value > 0);
    CHECK(one.document(finished).at("labels") == json{"emulated: soft-RoCE"});
  }
}

TEST_CASE("a verbs workload refuses what its driver would refuse") {
  const Workload& one = workload("verbs-latency");
  for (const json& wrong : {json{{"operation", "swap"}}, json{{"qps", 0}}, json{{"sizes", "many"}},
                            json{{"budget", "5"}}, json{{"instances", 3}}}) {
    CAPTURE(wrong.dump());
    CHECK_THROWS_AS(one.job(with(one.defaults(), wrong)), InputError);
  }
}
