// BLCR cannot run on a current kernel and DMTCP is in few distributions: stand-ins take the place
// of their programs here, and accept nothing but the documented command lines (BLCR User's Guide
// 0.8.5; dmtcp_launch(1) and its kin). They start the command anew where the real ones would go on
// with it.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include <unistd.h>

#include "tests/criu/move_fixture.hpp"
#include "tests/stand_ins.hpp"

using namespace migbench;
using migbench::testing::StandIns;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

/// Brings `kind` up, starts the workload in it, moves it by the technique of the same name, and
/// sees it go on.
MoveResult move_by(const char* kind, const StandIns& programs) {
  const auto site = local_site({{"nodes", 2}});
  const auto instance = Registry<Environment>::instance()
                            .at(kind, "environment")
                            .bring_up(*site, {"x", site->nodes()[0].get(), {}});
  Process workload = instance->start({.argv = {programs.workload()}, .env = {}, .directory = "/"});
  const auto until = deadline_now_ns() + 20'000'000'000;
  while (!programs.works() && deadline_now_ns() < until)
    std::this_thread::sleep_for(20ms);
  REQUIRE(programs.works());
  const auto migration = Registry<Technique>::instance()
                             .at(kind, "technique")
                             .prepare({.site = site.get(),
                                       .instance = instance.get(),
                                       .destination = site->nodes()[1].get(),
                                       .parameters = nlohmann::json::object(),
                                       .deadline = 20s});
  MoveResult result = migration->move();
  INFO(result.reason);
  REQUIRE(result.moved);
  CHECK(instance->node().name() == site->nodes()[1]->name());
  const Finished finished = workload.wait(20s);
  INFO(describe(finished));
  CHECK(finished.out == "went on\n");
  CHECK(finished.status == 0);
  return result;
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream(line);
  return {std::istream_iterator<std::string>(stream), {}};
}

}  // namespace

TEST_CASE("blcr calls cr_run, cr_checkpoint and cr_restart as documented") {
  const StandIns programs;
  programs.add("cr_run", "exec \"$@\"\n");
  programs.add("cr_checkpoint",
               "[ $# = 4 ] && [ \"$1\" = --term ] && [ \"$2\" = --file ] || exit 2\n"
               "tr '\\0' '\\n' <\"/proc/$4/cmdline\" >\"$3\" && kill -TERM \"$4\"\n");
  programs.add("cr_restart", "[ $# = 1 ] || exit 2\nexec $(cat \"$1\")\n");
  const MoveResult result = move_by("blcr", programs);
  const auto calls = programs.calls();
  REQUIRE(calls.size() == 3);
  CHECK(calls[0] == "cr_run " + programs.workload());
  const auto checkpoint = words_of(calls[1]);
  const auto restart = words_of(calls[2]);
  REQUIRE(checkpoint.size() == 5);
  REQUIRE(restart.size() == 2);
  CHECK(checkpoint[0] == "cr_checkpoint");
  CHECK(restart[0] == "cr_restart");
  CHECK(restart[1] == checkpoint[3]);
  REQUIRE(result.phases.size() == 3);
  CHECK(result.phases[1].name == "transfer");
}

TEST_CASE("blcr: a refused checkpoint leaves the process where it is") {
  const StandIns programs;
  programs.add("cr_run", "exec \"$@\"\n");
  programs.add("cr_checkpoint", "echo 'cr_checkpoint: not permitted' >&2; exit 1\n");
  programs.add("cr_restart", "exit 2\n");
  const auto site = local_site({{"nodes", 2}});
  const auto instance = Registry<Environment>::instance()
                            .at("blcr", "environment")
                            .bring_up(*site, {"x", site->nodes()[0].get(), {}});
  Process workload = instance->start({.argv = {programs.workload()}, .env = {}, .directory = "/"});
  while (!programs.works() && workload.running())
    std::this_thread::sleep_for(20ms);
  const MoveResult result = Registry<Technique>::instance()
                                .at("blcr", "technique")
                                .prepare({.site = site.get(),
                                          .instance = instance.get(),
                                          .destination = site->nodes()[1].get(),
                                          .parameters = nlohmann::json::object(),
                                          .deadline = 20s})
                                ->move();
  CHECK_FALSE(result.moved);
  CHECK(result.reason.find("not permitted") != std::string::npos);
  CHECK(workload.running());
  CHECK(instance->node().name() == site->nodes()[0]->name());
}

TEST_CASE("blcr moves an MPI job by ompi-checkpoint and ompi-restart as documented") {
  // ompi-checkpoint(1), ompi-restart(1) of Open MPI 1.5 and 1.6.
  const StandIns programs;
  programs.add("cr_run", "exit 2\n");
  programs.add("mpirun", "[ \"$1 $2\" = '-am ft-enable-cr' ] || exit 2\nshift 4; exec \"$@\"\n");
  programs.add("ompi-checkpoint",
               "[ $# = 2 ] && [ \"$1\" = --term ] || exit 2\n"
               "echo 'Snapshot Ref.:   0 ompi_global_snapshot_4711.ckpt'\nkill -TERM \"$2\"\n");
  programs.add("ompi-restart",
               "[ $# = 4 ] && [ \"$1 $3 $4\" = "
               "'--hostfile --preload ompi_global_snapshot_4711.ckpt' ] || exit 2\n"
               "cp \"$2\" \"$state/hosts\"; exec \"$state/workload\"\n");
  const auto site = local_site({{"nodes", 3}});
  const auto instance = Registry<Environment>::instance()
                            .at("blcr", "environment")
                            .bring_up(*site, {"x", site->nodes()[0].get(), {}});
  Process job = site->head().start(instance->launcher(
      {.argv = {"mpirun", "-np", "1", programs.workload()}, .env = {}, .directory = "/"}));
  const auto until = deadline_now_ns() + 20'000'000'000;
  while (!programs.works() && deadline_now_ns() < until)
    std::this_thread::sleep_for(20ms);
  REQUIRE(programs.works());
  const MoveResult result = Registry<Technique>::instance()
                                .at("blcr", "technique")
                                .prepare({.site = site.get(),
                                          .instance = instance.get(),
                                          .destination = site->nodes()[2].get(),
                                          .parameters = nlohmann::json::object(),
                                          .deadline = 20s})
                                ->move();
  INFO(result.reason);
  REQUIRE(result.moved);
  const Finished finished = job.wait(20s);
  INFO(describe(finished));
  CHECK(finished.out == "went on\n");
  const auto calls = programs.calls();
  REQUIRE(calls.size() == 3);
  CHECK(words_of(calls[0]).front() == "mpirun");
  CHECK(words_of(calls[1]).front() == "ompi-checkpoint");
  CHECK(words_of(calls[2]).front() == "ompi-restart");
  CHECK(instance->node().name() == site->nodes()[2]->name());
  // The node that was left is no host of the job any more; the others are.
  CHECK(programs.text("hosts") ==
        site->nodes()[1]->name() + "\n" + site->nodes()[2]->name() + "\n");
  REQUIRE(result.phases.size() == 2);
  CHECK(result.phases[0].details.at("snapshot") == "ompi_global_snapshot_4711.ckpt");
}

TEST_CASE("dmtcp calls its coordinator, launch, command and restart as documented") {
  const StandIns programs;
  programs.add("dmtcp_coordinator",
               "[ \"$1 $2 $3 $4\" = '--daemon -p 0 --port-file' ] || exit 2\necho 7779 >\"$5\"\n");
  programs.add("dmtcp_launch",
               "[ \"$1 $3 $4 $5 $6\" = '-h -p 7779 --join-coordinator --ckptdir' ] || exit 2\n"
               "echo \"$7\" >\"$state/images\"; shift 7; echo \"$@\" >\"$state/command\"\n"
               "\"$@\" & while kill -0 $! 2>/dev/null; do\n"
               "[ ! -e \"$state/kill\" ] || kill -9 $!; sleep 0.05; done\nwait $!\n");
  programs.add("dmtcp_command",
               "[ \"$1 $3 $4\" = '-h -p 7779' ] || exit 2\ncase $5 in\n"
               "--bcheckpoint) cp \"$state/command\" \"$(cat \"$state/images\")/ckpt_1.dmtcp\";;\n"
               "--kill) : >\"$state/kill\";;\n--quit) ;;\n*) exit 2;;\nesac\n");
  programs.add("dmtcp_restart",
               "[ \"$1 $3 $4\" = '-h -p 7779' ] && [ $# = 5 ] || exit 2\nexec $(cat \"$5\")\n");
  (void)move_by("dmtcp", programs);
  std::vector<std::string> names;
  for (const std::string& call : programs.calls()) {
    auto words = words_of(call);
    names.push_back(words[0] == "dmtcp_command" ? words.back() : words[0]);
  }
  CHECK(names == std::vector<std::string>{"dmtcp_coordinator", "dmtcp_launch", "--bcheckpoint",
                                          "--kill", "dmtcp_restart", "--quit"});
}
