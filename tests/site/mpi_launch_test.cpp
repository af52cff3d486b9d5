// mpirun's command line, and real launches over nodes and containers.
#include "harness/site/mpi_launch.hpp"

#include <algorithm>
#include <chrono>
#include <string>

#include <unistd.h>

#include "harness/environment/environment.hpp"
#include "harness/programs.hpp"
#include "tests/site/local_fixture.hpp"

using namespace migbench;
using namespace std::chrono_literals;

namespace {

/// A place that is only a name.
class Named : public Place {
 public:
  explicit Named(std::string name) : name_(std::move(name)) {}
  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] const std::string& address() const override { return name_; }
  [[nodiscard]] Command enter(const Command& command) const override { return command; }
  void copy_to(const std::filesystem::path&, const std::filesystem::path&) const override {}
  void copy_from(const std::filesystem::path&, const std::filesystem::path&) const override {}
  [[nodiscard]] bool shares_clock() const override { return true; }

 private:
  std::string name_;
};

bool has(const Command& command, const std::string& words) {
  std::string all = " ";
  for (const auto& word : command.argv)
    all += word + " ";
  return all.find(" " + words + " ") != std::string::npos;
}

const MpiVersion kFour{.text = "mpirun (Open MPI) 4.1.4", .major = 4};
const MpiVersion kFive{.text = "mpirun (Open MPI) 5.0.8", .major = 5};

}  // namespace

TEST_CASE("mpirun of Open MPI 4 and 5 are told what they understand") {
  const Named one("n1");
  const Named two("n2");
  const MpiJob job{.groups = {{&one, 2}, {&two, 1}},
                   .program = {.argv = {"prog", "-x"}, .env = {{"A", "b c"}}, .directory = "/d"},
                   .transport = "tcp",
                   .mca = {"--mca", "mpi_x", "1"}};
  const MpiLaunch launch{
      .agent = "agent /site", .network = "10.0.0.0/24", .cores = 2, .shared_machine = true};
  for (const MpiVersion& version : {kFour, kFive}) {
    const Command command = mpi_command_line(job, launch, version);
    INFO(shell_quote(command));
    CHECK(has(command, "-n 3 --host n1:2,n2:1 --bind-to none"));
    CHECK(has(command, "--mca pml ob1 --mca btl tcp,self --mca btl_tcp_if_include 10.0.0.0/24"));
    CHECK(has(command, "--mca mpi_yield_when_idle 1"));
    CHECK(has(command, "-x A=b c --wdir /d prog -x"));
    CHECK(has(command, "--mca mpi_x 1"));
  }
  const Command four = mpi_command_line(job, launch, kFour);
  CHECK(has(four, "--mca plm_rsh_agent agent /site"));
  CHECK(has(four, "--mca oob_tcp_if_include 10.0.0.0/24"));
  CHECK(four.env.at("OMPI_ALLOW_RUN_AS_ROOT") == "1");
  const Command five = mpi_command_line(job, launch, kFive);
  CHECK(has(five, "--prtemca plm_ssh_agent agent /site"));
  CHECK(five.env.at("PRTE_ALLOW_RUN_AS_ROOT_CONFIRM") == "1");
  CHECK_FALSE(has(five, "--mca plm_rsh_agent agent /site"));
}

TEST_CASE("yielding only where ranks have to share cores") {
  const Named one("n1");
  const Named two("n2");
  const MpiJob job{.groups = {{&one, 2}, {&two, 2}},
                   .program = {.argv = {"p"}, .env = {}, .directory = {}}};
  const auto yields = [&](int cores, bool shared) {
    return has(
        mpi_command_line(
            job, {.agent = "a", .network = {}, .cores = cores, .shared_machine = shared}, kFour),
        "--mca mpi_yield_when_idle 1");
  };
  CHECK(yields(3, true));
  CHECK_FALSE(yields(3, false));
  CHECK_FALSE(yields(4, true));
  CHECK(yields(1, false));
}

TEST_CASE("jobs that cannot be launched are refused") {
  const Named one("n1");
  const Named two("n2");
  const Command program{.argv = {"p"}, .env = {}, .directory = {}};
  const MpiLaunch launch{.agent = "a", .network = {}};
  CHECK_THROWS_AS(mpi_command_line({.groups = {}, .program = program}, launch, kFour), InputError);
  CHECK_THROWS_AS(mpi_command_line({.groups = {{&one, 0}}, .program = program}, launch, kFour),
                  InputError);
  CHECK_THROWS_AS(
      mpi_command_line({.groups = {{&one, 1}}, .program = program, .transport = "pigeon"}, launch,
                       kFour),
      InputError);
  CHECK_THROWS_AS(
      mpi_command_line({.groups = {{&one, 1}, {&two, 1}}, .program = program, .transport = "shm"},
                       launch, kFour),
      InputError);
  CHECK(has(mpi_command_line({.groups = {{&one, 2}}, .program = program, .transport = "shm"},
                             launch, kFour),
            "btl vader,self"));
  CHECK(has(mpi_command_line({.groups = {{&one, 2}}, .program = program, .transport = "shm"},
                             launch, kFive),
            "btl sm,self"));
}

TEST_CASE("the version is read from what mpirun says") {
  CHECK(parse_mpi_version("mpirun (Open MPI) 4.1.4\n\nReport bugs").major == 4);
  CHECK(parse_mpi_version("mpirun (Open MPI) 5.0.8\n").text == "mpirun (Open MPI) 5.0.8");
  CHECK_THROWS_AS(parse_mpi_version("HYDRA build details:\n"), Error);
  CHECK_THROWS_AS(parse_mpi_version("mpirun (Open MPI) 1.6\n"), Error);
  CHECK_THROWS_AS(parse_mpi_version("mpirun (Open MPI) "), Error);
}

TEST_CASE("ranks run on the nodes and in the containers that the job names") {
  const auto site = local_site({{"nodes", 2}});
  const auto& containers = Registry<Environment>::instance().at("container", "environment");
  const auto one =
      containers.bring_up(*site, {.name = "c1", .node = site->nodes()[1].get(), .parameters = {}});
  const Command ring{
      .argv = {find_program("test_mpi_ring").string()}, .env = {{"MARK", "m 1"}}, .directory = {}};
  const MpiJob job{
      .groups = {{site->nodes()[0].get(), 2}, {one.get(), 1}}, .program = ring, .transport = "tcp"};
  const Finished finished = site->head().run(site->mpi_command(job), 60s);
  INFO(describe(finished));
  REQUIRE(finished.ok());
  CHECK(finished.out.find("rank 0 of 3 on n1 sum 3 mark m 1") != std::string::npos);
  CHECK(finished.out.find("rank 1 of 3 on n1 sum 3") != std::string::npos);
  CHECK(finished.out.find("rank 2 of 3 on c1 sum 3 mark m 1") != std::string::npos);

  const MpiJob shared{.groups = {{one.get(), 2}}, .program = ring, .transport = "shm"};
  const Finished both = site->head().run(site->mpi_command(shared), 60s);
  INFO(describe(both));
  CHECK(both.ok());
  CHECK(both.out.find("rank 1 of 2 on c1 sum 1") != std::string::npos);

  // mpirun's own end does not leave daemons on the nodes.
  const MpiJob sleepers{.groups = {{site->nodes()[0].get(), 1}, {one.get(), 1}},
                        .program = {.argv = {"sleep", "1000"}, .env = {}, .directory = {}}};
  CHECK(site->head().run(site->mpi_command(sleepers), 3s).timed_out);
  const auto daemons = [&] {
    int count = 0;
    for (const Place* place :
         {static_cast<const Place*>(site->nodes()[0].get()), static_cast<const Place*>(one.get())})
      count += std::stoi(
          place
              ->run(
                  {.argv = {"sh", "-c", "cat /proc/[0-9]*/comm | grep -cE '^(orted|prted|sleep)$'"},
                   .env = {},
                   .directory = {}},
                  20s)
              .out);
    return count;
  };
  const auto until = std::chrono::steady_clock::now() + 20s;
  while (daemons() != 0 && std::chrono::steady_clock::now() < until)
    ::usleep(20'000);
  CHECK(daemons() == 0);
}

TEST_CASE("an option that the user sets is not set a second time, which would join the values") {
  const Named one("n1");
  const MpiJob job{.groups = {{&one, 2}},
                   .program = {.argv = {"prog"}, .env = {}, .directory = {}},
                   .transport = "tcp",
                   .mca = {"--mca", "btl_tcp_if_include", "10.78.0.0/24"}};
  const MpiLaunch launch{
      .agent = "agent", .network = "10.0.0.0/24", .cores = 2, .shared_machine = true};
  const Command command = mpi_command_line(job, launch, kFour);
  CHECK(has(command, "--mca btl tcp,self --mca btl_tcp_if_include 10.78.0.0/24"));
  CHECK_FALSE(has(command, "btl_tcp_if_include 10.0.0.0/24"));
  CHECK(has(command, "oob_tcp_if_include 10.0.0.0/24"));
}
