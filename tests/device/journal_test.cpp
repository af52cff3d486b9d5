// Whatever is changed is set back: at the end, after a death at any step, and after a death of the
// repair itself.
#include <cstdlib>
#include <fstream>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/error.hpp"
#include "harness/device/loan.hpp"
#include "tests/catch.hpp"
#include "tests/device/fake_machine.hpp"
#include "tests/kvm/contains.hpp"
#include "tests/run/runs.hpp"

using namespace migbench;
using namespace migbench::device;
using migbench::testing::FakeMachine;
using migbench::testing::TemporaryDirectory;
namespace fs = std::filesystem;

namespace {

/// In memory where there is room: a hundred machines are made here, and none of them has to last.
TemporaryDirectory in_memory() {
  if (fs::is_directory("/dev/shm")) ::setenv("TMPDIR", "/dev/shm", 0);
  return {};
}

const Say kQuiet = [](const std::string& /*line*/) {};
using Snapshot = std::map<std::string, std::string>;

/// A fake machine and a place for journals.
struct Bed {
  TemporaryDirectory directory = in_memory();
  std::vector<fs::path> journals{directory.path() / "journals"};
  fs::path root = directory.path() / "machine";
  Bed() { FakeMachine::make(root); }
  [[nodiscard]] Snapshot snapshot() const { return FakeMachine(root).snapshot(); }
  /// The names of what differs.
  [[nodiscard]] std::string differs_from(const Snapshot& before) const {
    Snapshot now = snapshot();
    std::string names;
    for (const auto& [name, content] : before)
      if (now[name] != content) names += name + " ";
    for (const auto& [name, content] : now)
      if (!before.contains(name)) names += name + " ";
    return names;
  }
  Repaired repaired(int die_at = -1) const {
    FakeMachine kernel(root, die_at);
    return repair(kernel, journals, kQuiet);
  }
};

/// Runs it in a process of its own; true where that was killed.
bool dies(const std::function<void()>& body) {
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      body();
    } catch (const std::exception& failed) {
      fmt::print(stderr, "child: {}\n", failed.what());
      std::_Exit(1);
    }
    std::_Exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  REQUIRE((WIFSIGNALED(status) || WEXITSTATUS(status) == 0));
  return WIFSIGNALED(status);
}

/// Borrows, lets libvirt do its part, and ends without giving back; `die_at` a step by SIGKILL.
void borrow_and_die(const Bed& bed, const LoanRequest& request, int die_at) {
  FakeMachine kernel(bed.root, die_at);
  const Loan loan(kernel, request, bed.journals);
  for (const Lent& lent : loan.devices())
    kernel.give_to_vfio(to_string(lent.device.address));
  std::_Exit(0);
}

void leave_changed(const Bed& bed, const LoanRequest& request) {
  REQUIRE_FALSE(dies([&] { borrow_and_die(bed, request, -1); }));
}

const std::vector<LoanRequest>& requests() {
  static const std::vector<LoanRequest> all{
      {Lending::whole, "0000:01:00.0", 1},
      {Lending::functions, "0000:01:00.0", 2, false, "", true},
      {Lending::functions, "0000:02:00.0", 2, false, "switchdev"}};
  return all;
}

}  // namespace

TEST_CASE("a loan gives back what it was given, exactly") {
  for (const LoanRequest& request : requests()) {
    const Bed bed;
    const auto before = bed.snapshot();
    {
      FakeMachine kernel(bed.root);
      const Loan loan(kernel, request, bed.journals);
      CHECK(loan.devices().size() == static_cast<std::size_t>(request.count));
      if (request.lending == Lending::functions) CHECK(bed.differs_from(before) != "");
    }
    CHECK(bed.differs_from(before) == "");
    CHECK(fs::is_empty(bed.journals[0]) == false);  // the lock stays
    CHECK(bed.repaired().undone == 0);
  }
}

TEST_CASE("VFs get their addresses: MACs by netlink, GUIDs by netlink or by files") {
  const Bed bed;
  FakeMachine kernel(bed.root);
  {
    const Loan loan(kernel, requests()[1], bed.journals);
    CHECK(kernel.state()["vfs"]["0000:01:00.0"][1]["address"] == "02:01:00:00:00:01");
    CHECK(kernel.state()["vfs"]["0000:01:00.0"][1]["trust"] == true);
    CHECK(kernel.state()["links"]["eth5"]["flags"][1] == "UP");
    CHECK(loan.devices()[1].device.driver.empty());
    CHECK(loan.facts()["devices"][1]["mac"] == "02:01:00:00:00:01");
  }
  {
    const Loan loan(kernel, requests()[2], bed.journals);
    const auto vf = kernel.state()["vfs"]["0000:02:00.0"][0];
    CHECK(vf["node_guid"] == "ee:0d:9a:6d:00:44:16:a2");
    CHECK(vf["port_guid"] == "ee:0d:9a:6e:00:44:16:a2");
    CHECK(kernel.state()["eswitch"]["pci/0000:02:00.0"] == "switchdev");
  }
  const std::string files = "bus/pci/devices/0000:02:00.0/sriov/0/";
  for (const char* file : {"node", "port", "policy"})
    kernel.put(files + file, "Down");
  LoanRequest one = requests()[2];
  one.count = 1;
  const Loan loan(kernel, one, bed.journals);
  CHECK(kernel.read(files + "node") == "ee:0d:9a:6d:00:44:16:a2");
  CHECK(kernel.read(files + "policy") == "Follow");
}

TEST_CASE("after a death at any step, repair restores exactly what was there") {
  for (const LoanRequest& request : requests()) {
    bool died = true;
    for (int step = 0; died; ++step) {
      REQUIRE(step < 100);
      const Bed bed;
      const auto before = bed.snapshot();
      died = dies([&] { borrow_and_die(bed, request, step); });
      INFO("step " << step);
      (void)bed.repaired();
      CHECK(bed.differs_from(before) == "");
      CHECK(bed.repaired().undone == 0);  // nothing is left for a second one
    }
  }
}

TEST_CASE("a repair that dies at any step is taken up by the next") {
  for (const LoanRequest& request : requests()) {
    bool died = true;
    for (int step = 0; died; ++step) {
      REQUIRE(step < 100);
      const Bed bed;
      const auto before = bed.snapshot();
      leave_changed(bed, request);
      CHECK(bed.differs_from(before) != "");
      died = dies([&] { (void)bed.repaired(step); });
      INFO("step " << step);
      (void)bed.repaired();
      CHECK(bed.differs_from(before) == "");
    }
  }
}

TEST_CASE("the next start repairs before it borrows") {
  const Bed bed;
  const auto before = bed.snapshot();
  leave_changed(bed, requests()[1]);
  {
    FakeMachine kernel(bed.root);
    LoanRequest three = requests()[1];
    three.count = 3;
    const Loan loan(kernel, three, bed.journals);
    CHECK(loan.devices().size() == 3);
  }
  CHECK(bed.differs_from(before) == "");
}

TEST_CASE("a living process's journal is left alone, and its device is not lent twice") {
  const Bed bed;
  FakeMachine kernel(bed.root);
  const Loan loan(kernel, requests()[0], bed.journals);
  const Repaired other = bed.repaired();
  CHECK(other.held_by == std::vector<int>{::getpid()});
  CHECK(other.undone == 0);
  CHECK_THROWS_WITH(Loan(kernel, requests()[0], bed.journals), Contains("lent to another"));
}

TEST_CASE("a journal that was cut off in a line loses no change but that which had not begun") {
  const Bed bed;
  leave_changed(bed, requests()[1]);
  const auto broken = bed.snapshot();
  fs::path file;
  for (const auto& entry : fs::directory_iterator(bed.journals[0]))
    if (entry.path().extension() == ".journal") file = entry.path();
  const JournalRecord whole = read_journal(file);
  CHECK(whole.open.size() == 5);
  std::ofstream(file, std::ios::app) << R"({"change":5,"kind":"attri)";
  CHECK(read_journal(file).open.size() == 5);
  CHECK(bed.repaired().undone == 1);
  CHECK(bed.differs_from(broken) != "");
  CHECK_FALSE(fs::exists(file));
}

TEST_CASE("what a boot has undone is not undone again; what makes no sense is not obeyed") {
  const Bed bed;
  leave_changed(bed, requests()[1]);
  const auto left = bed.snapshot();
  std::ofstream(bed.root / "proc/sys/kernel/random/boot_id") << "another-boot\n";
  CHECK(bed.repaired().undone == 1);
  CHECK(bed.differs_from(left) == "");

  const auto refuse = [&](const std::string& line) {
    const fs::path file = bed.journals[0] / "1-0.journal";
    std::ofstream(file) << R"({"schema":"migbench-journal/1","pid":1,"boot_id":"another-boot"})"
                        << '\n'
                        << line << '\n';
    CHECK(bed.repaired().failed == 1);
    CHECK(fs::exists(file));
    CHECK(bed.differs_from(left) == "");
  };
  refuse(R"({"change":0,"kind":"attribute","subject":"../../etc/passwd","before":"x"})");
  refuse(R"({"change":0,"kind":"command","subject":"rm","before":"x"})");
  refuse(R"({"change":0})");
  refuse("rubbish");
}

TEST_CASE("VFs that a virtual machine still has open are not torn away") {
  const Bed bed;
  leave_changed(bed, requests()[0]);
  FakeMachine kernel(bed.root);
  kernel.open_in_process(4712, "/dev/vfio/1");
  std::string said;
  const Repaired result =
      repair(kernel, bed.journals, [&](const std::string& line) { said += line + "\n"; });
  CHECK(result.failed == 1);
  CHECK_THAT(said, Contains("process 4712"));
  CHECK(kernel.link_name("bus/pci/devices/0000:01:00.0/driver") == "vfio-pci");
  fs::remove_all(kernel.proc() / "4712");
  CHECK(bed.repaired().undone == 1);
  CHECK(kernel.link_name("bus/pci/devices/0000:01:00.0/driver") == "igb");
}

TEST_CASE("two interfaces that came back with each other's names get their own") {
  const Bed bed;
  FakeMachine kernel(bed.root);
  const auto before = bed.snapshot();
  const std::vector<Setting> both{{"netdev", "0000:01:00.0"}, {"netdev", "0000:02:00.0"}};
  Journal journal(kernel, bed.journals[0]);
  for (const Setting& setting : both)
    journal.note(setting);
  const auto rename = [&](const char* from, const char* to) {
    kernel.tell({"ip", "link", "set", "dev", from, "name", to});
  };
  rename("eth5", "other");
  rename("ib0", "eth5");
  rename("other", "ib0");
  CHECK(bed.differs_from(before) != "");
  CHECK(journal.undo(kQuiet));
  CHECK((*current(kernel, both[0]))["name"] == "eth5");
  CHECK((*current(kernel, both[1]))["name"] == "ib0");
  CHECK(bed.differs_from(before) == "");
}
