// The site `ssh`, whose hosts are virtual nodes and whose ssh is a stand-in that understands the
// same words: what mpirun, the probe and the harness ask of it is real.
#include <fstream>

#include <fmt/format.h>

#include "bench/document.hpp"
#include "bench/error.hpp"
#include "harness/programs.hpp"
#include "harness/site/local/local_site.hpp"
#include "harness/site/ssh/ssh_site.hpp"
#include "tests/site/local_fixture.hpp"

using namespace migbench;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr Nanoseconds kDeadline = std::chrono::seconds(120);

/// ssh [-o X] [-p PORT] HOST COMMAND, by the site's own way to its nodes.
fs::path stand_in(const Site& site) {
  const fs::path path = site.scratch() / "ssh";
  const auto& local = dynamic_cast<const LocalSite&>(site);
  write_text(path,
             fmt::format("#!/bin/sh\n"
                         "while :; do case \"$1\" in\n"
                         "  -o|-p) shift 2 ;;\n"
                         "  -*) echo \"ssh: unknown option $1\" >&2; exit 255 ;;\n"
                         "  *) break ;;\n"
                         "esac; done\n"
                         "host=${{1#*@}}; shift\n"
                         // MPI's daemons outlive the shell that started them.
                         "case \"$*\" in *orted*|*prted*) exec {1} {2} \"$host\" \"$*\" ;; esac\n"
                         "exec {0} --site {2} --at \"$host\" -- sh -c \"$*\"\n",
                         find_program("migbench-exec").string(),
                         find_program("migbench-rsh-agent").string(), local.directory().string()));
  fs::permissions(path, fs::perms::owner_all);
  return path;
}

std::string complaint(const json& settings) {
  try {
    (void)ssh_settings(settings);
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("ssh: hosts are named, looked up and checked") {
  const auto read = ssh_settings({{"kind", "ssh"},
                                  {"nodes",
                                   {{{"host", "root@10.0.0.1"}, {"name", "a"}},
                                    {{"host", "b.example"}, {"address", "10.0.0.2"}}}},
                                  {"options", {"-p", "2222"}}});
  REQUIRE(read.hosts.size() == 2);
  CHECK(read.hosts[0].address == "10.0.0.1");
  CHECK(read.hosts[1].name == "b");
  CHECK(read.hosts[1].target.options == std::vector<std::string>{"-p", "2222"});
  CHECK(ssh_settings({{"nodes", {"localhost"}}}).hosts[0].address == "127.0.0.1");

  CHECK(complaint({{"nodes", 3}}).find("list of hosts") != std::string::npos);
  CHECK(complaint({{"nodes", {"10.0.0.1"}}}).find("needs a name") != std::string::npos);
  CHECK(complaint({{"nodes", {"-oProxyCommand=x"}}}).find("is no host") != std::string::npos);
  CHECK(complaint({{"nodes", {{{"host", "a"}, {"adress", "10.0.0.1"}}}}}).find("'adress'") !=
        std::string::npos);
  CHECK(complaint({{"nodes", {{{"host", "a"}, {"address", "ten"}}}}}).find("not numeric") !=
        std::string::npos);
  CHECK(complaint({{"nodes", {"localhost", "root@localhost"}}}).find("second host") !=
        std::string::npos);
  CHECK(complaint({{"nodes", {"localhost"}}, {"options", "-p 22"}}).find("site.options") !=
        std::string::npos);
}

TEST_CASE("ssh: commands, their surroundings and files go there and back") {
  const auto site = local_site({{"kind", "local"}, {"nodes", 2}});
  const SshTarget target{"root@n1", {"-p", "2222"}, stand_in(*site).string()};
  const Finished said =
      run(ssh_command(target, {{"sh", "-c", "echo \"$A|$0|$(pwd)|$(uname -n)\"; exit 7", "it's"},
                               {{"A", "two words; $HOME"}},
                               "/usr"}),
          kDeadline);
  CHECK(said.status == 7);
  CHECK(said.out == "two words; $HOME|it's|/usr|n1\n");
  ProcessOptions input;
  input.input = "through\n";
  CHECK(run(ssh_command(target, {{"cat"}, {}, {}}), kDeadline, input).out == "through\n");

  const fs::path files = site->scratch() / "a directory";
  fs::create_directories(files / "sub");
  write_text(files / "sub" / "x", "x\n");
  write_text(files / "run me", "#!/bin/sh\necho ran\n");
  fs::permissions(files / "run me", fs::perms::owner_all);
  ssh_put(target, files, "/tmp/there/tree");
  CHECK(run(ssh_command(target, {{"cat", "/tmp/there/tree/sub/x"}, {}, {}}), kDeadline).out ==
        "x\n");
  ssh_put(target, files / "run me", "/tmp/there/renamed");
  CHECK(run(ssh_command(target, {{"/tmp/there/renamed"}, {}, {}}), kDeadline).out == "ran\n");
  ssh_get(target, "/tmp/there", site->scratch() / "back");
  CHECK(fs::exists(site->scratch() / "back" / "tree" / "sub" / "x"));
  ssh_get(target, "/tmp/there/renamed", site->scratch() / "one");
  CHECK(fs::is_regular_file(site->scratch() / "one"));
  CHECK_THROWS_AS(ssh_get(target, "/tmp/nothing", site->scratch() / "none"), Error);
  CHECK_THROWS_AS(ssh_put(target, site->scratch() / "nothing", "/tmp/none"), Error);
}

TEST_CASE("ssh: a command whose ssh is ended has ended") {
  const auto site = local_site({{"kind", "local"}, {"nodes", 2}});
  const SshTarget target{"n2", {}, stand_in(*site).string()};
  const Command look{{"sh", "-c", "pgrep -x sleep | wc -l"}, {}, {}};
  {
    Process process = Process::start(
        ssh_command(target, {{"sh", "-c", "sleep 1000 & echo up; sleep 1000"}, {}, {}}));
    REQUIRE(process.wait_for_output("up", kDeadline));
  }
  std::string left = "2\n";
  for (int i = 0; i < 100 && left != "0\n"; ++i)
    left = site->nodes()[1]->run(look, kDeadline).out;
  CHECK(left == "0\n");
}

TEST_CASE("ssh: a whole run, from a machine that has its hosts on its network") {
  const auto site = local_site({{"kind", "local"}, {"nodes", 2}});
  json hosts = json::array();
  for (const auto& node : site->nodes())
    hosts.push_back({{"host", "root@" + node->name()}, {"address", node->address()}});
  const json plan{{"schema", "migbench-plan/1"},
                  {"name", "by-ssh"},
                  {"site",
                   {{"kind", "ssh"},
                    {"nodes", hosts},
                    {"program", stand_in(*site).string()},
                    {"network", "10.77.0.0/24"}}},
                  {"repetitions", 1},
                  {"experiments",
                   {{{"name", "a"},
                     {"environment", "native"},
                     {"workload", "mpi-latency"},
                     {"parameters", {{"sizes", "8"}}}},
                    {{"name", "b"},
                     {"environment", "container"},
                     {"workload", "idle"},
                     {"technique", "freeze"}}}}};
  write_json(site->scratch() / "plan.json", plan);
  // The head stands for the user's machine.
  const Finished finished = site->head().run(
      {{find_program("migbench").string(), "run", (site->scratch() / "plan.json").string(),
        "--runs", (site->scratch() / "runs").string()},
       {},
       {}},
      kDeadline);
  INFO(finished.out << finished.err);
  CHECK(finished.status == 0);
  std::size_t measured = 0, refused = 0;
  for (const auto& entry : fs::recursive_directory_iterator(site->scratch() / "runs")) {
    if (entry.path().parent_path().filename() != "records") continue;
    const json record = read_json(entry.path());
    if (record.at("outcome") == "unsupported") ++refused;
    if (record.at("outcome") != "ok") continue;
    ++measured;
    CHECK(record.at("metrics").at(0).at("value") > 0);
    CHECK(record.at("site").at("machines").at(1).at("host").at("hostname") == "n2");
    CHECK(record.at("evidence").at("ranks").at(1).at("host") == "n2");
    CHECK(record.at("labels").empty());
  }
  CHECK(measured == 1);
  CHECK(refused == 1);
}
