// A site, an environment, a workload and a technique that need neither root nor a network: each is
// one class and one registration line, which is what adding a real one takes.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <set>

#include <fmt/format.h>
#include <unistd.h>

#include "bench/clock.hpp"
#include "bench/error.hpp"
#include "harness/environment/environment.hpp"
#include "harness/migration/technique.hpp"
#include "harness/workload/workload.hpp"

namespace migbench {
namespace {

using nlohmann::json;

/// A "place" whose commands simply run on this machine.
template <class Base>
class Here : public Base {
 public:
  Here(std::string name, std::string address)
      : name_(std::move(name)), address_(std::move(address)) {}
  const std::string& name() const override { return name_; }
  const std::string& address() const override { return address_; }
  Command enter(const Command& command) const override { return command; }
  void copy_to(const std::filesystem::path&, const std::filesystem::path&) const override {}
  void copy_from(const std::filesystem::path&, const std::filesystem::path&) const override {}
  bool shares_clock() const override { return true; }

 private:
  std::string name_;
  std::string address_;
};

class FakeNode : public Here<Node> {
 public:
  using Here::Here;
  json facts() const override { return {{"name", name()}, {"address", address()}}; }
};

class FakeSite : public Site {
 public:
  explicit FakeSite(int nodes) : head_("head", "127.0.0.1") {
    // An address of its own for every test process: all of 127/8 is this machine.
    for (int i = 1; i <= nodes; ++i)
      nodes_.push_back(std::make_unique<FakeNode>(
          fmt::format("n{}", i),
          fmt::format("127.{}.{}.{}", 1 + ::getpid() / 250 % 250, 1 + ::getpid() % 250, i)));
    std::string pattern =
        (std::filesystem::temp_directory_path() / "migbench-fake-XXXXXX").string();
    scratch_ = ::mkdtemp(pattern.data());
  }
  ~FakeSite() override {
    std::error_code ignored;
    std::filesystem::remove_all(scratch_, ignored);
  }
  FakeSite(const FakeSite&) = delete;
  FakeSite& operator=(const FakeSite&) = delete;

  std::string_view kind() const override { return "fake"; }
  const Place& head() const override { return head_; }
  const std::vector<std::unique_ptr<Node>>& nodes() const override { return nodes_; }
  Command mpi_command(const MpiJob& job) const override { return job.program; }
  const std::filesystem::path& scratch() const override { return scratch_; }
  std::vector<std::string> labels() const override { return {"fake"}; }
  json facts() const override { return {{"kind", "fake"}}; }

 private:
  FakeNode head_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::filesystem::path scratch_;
};

class FakeSiteKind : public SiteKind {
 public:
  std::string_view name() const override { return "fake"; }
  std::string_view summary() const override { return "this machine, called a site"; }
  Support check(const json& settings) const override {
    if (settings.value("absent", false)) return Unsupported{"the site is absent", "find it"};
    return {};
  }
  std::unique_ptr<Site> bring_up(const json& settings) const override {
    return std::make_unique<FakeSite>(settings.value("nodes", 2));
  }
};
MIGBENCH_REGISTER(SiteKind, FakeSiteKind);

class FakeInstance : public Here<Instance> {
 public:
  FakeInstance(const InstanceRequest& request)
      : Here(request.name, request.node->address()), node_(request.node) {
    const std::lock_guard lock(names_mutex());
    if (!names().insert(request.name).second)
      throw Error("there is an instance '" + request.name + "' already");
  }
  ~FakeInstance() override {
    const std::lock_guard lock(names_mutex());
    names().erase(name());
  }
  FakeInstance(const FakeInstance&) = delete;
  FakeInstance& operator=(const FakeInstance&) = delete;
  FakeInstance(FakeInstance&&) = delete;
  FakeInstance& operator=(FakeInstance&&) = delete;
  Node& node() const override { return *node_; }
  void move_to(Node& node) { node_ = &node; }
  json facts() const override { return json::object(); }
  std::vector<std::string> labels() const override { return {"emulated: fake"}; }

 private:
  /// Of the instances that are up, as a site's network knows them; kept ones are ended in threads.
  static std::set<std::string>& names() {
    static std::set<std::string> names;
    return names;
  }
  static std::mutex& names_mutex() {
    static std::mutex mutex;
    return mutex;
  }

  Node* node_;
};

class FakeEnvironment : public Environment {
 public:
  std::string_view name() const override { return "fake"; }
  std::string_view summary() const override { return "nothing around the workload"; }
  Support check(const Site*) const override { return {}; }
  std::vector<std::string_view> parameters() const override { return {"memory"}; }
  std::unique_ptr<Instance> bring_up(Site&, const InstanceRequest& request) const override {
    if (request.parameters.value("memory", "") == "none")
      throw InputError("memory 'none' is not enough");
    return std::make_unique<FakeInstance>(request);
  }
};
MIGBENCH_REGISTER(Environment, FakeEnvironment);

class FakeBareEnvironment : public FakeEnvironment {
 public:
  std::string_view name() const override { return "fake-bare"; }
  std::vector<std::string_view> parameters() const override { return {}; }
};
MIGBENCH_REGISTER(Environment, FakeBareEnvironment);

class FakeAbsentEnvironment : public FakeEnvironment {
 public:
  std::string_view name() const override { return "fake-absent"; }
  Support check(const Site*) const override { return Unsupported{"no card", "buy the card"}; }
};
MIGBENCH_REGISTER(Environment, FakeAbsentEnvironment);

/// Runs a shell line that appends to a file, so that tests can count what really ran.
class FakeWorkload : public Workload {
 public:
  std::string_view name() const override { return "fake-work"; }
  std::string_view summary() const override { return "prints a number"; }
  Support check(const Site*) const override { return {}; }
  json defaults() const override {
    return {{"value", "1 + 0"},       {"sleep", "0"},   {"status", 0},
            {"journal", "/dev/null"}, {"instances", 1}, {"size", 8}};
  }
  Job job(const json& parameters) const override {
    if (!parameters.at("instances").is_number_integer())
      throw InputError("instances must be a number");
    Job job;
    job.instances = parameters.at("instances");
    job.program.argv = {
        "/bin/sh", "-c",
        fmt::format("echo $$ >> '{}'; sleep {}; echo $(({})); exit {}",
                    parameters.at("journal").get<std::string>(),
                    parameters.at("sleep").get<std::string>(),
                    parameters.at("value").get<std::string>(), parameters.at("status").get<int>())};
    return job;
  }
  std::vector<Metric> metrics(const json& parameters, const Finished& finished) const override {
    return {
        {"time", {{"size", parameters.at("size")}}, std::stod(finished.out), "us", Better::lower}};
  }
  json document(const Finished& finished) const override { return {{"printed", finished.out}}; }
};
MIGBENCH_REGISTER(Workload, FakeWorkload);

/// Prepares something, says that it measures, says that it has measured, and lingers. Placed.
class FakePrepared : public FakeWorkload {
 public:
  std::string_view name() const override { return "fake-prepared"; }
  json defaults() const override {
    return {{"prepare", "0.3"}, {"measure", "1"}, {"linger", "0"},
            {"status", 0},      {"mark", ""},     {"placement", "core"}};
  }
  Job job(const json& parameters) const override {
    const auto text = [&](const char* key) { return parameters.at(key).get<std::string>(); };
    Job job;
    job.placement = text("placement");
    job.begins = "it begins";
    job.ends = "it ends";
    job.program.argv = {"/bin/sh", "-c",
                        fmt::format("sleep {}; [ {} = 0 ] || exit {}; [ -z '{}' ] || : >'{}'; "
                                    "echo it begins; sleep {}; echo it ends; sleep {}",
                                    text("prepare"), parameters.at("status").get<int>(),
                                    parameters.at("status").get<int>(), text("mark"), text("mark"),
                                    text("measure"), text("linger"))};
    return job;
  }
  std::vector<Metric> metrics(const json&, const Finished&) const override {
    return {{"time", json::object(), 1, "us", Better::lower}};
  }
  json document(const Finished& finished) const override {
    return {{"printed", finished.out}, {"complaints", finished.err}, {"build", {{"flags", "-O9"}}}};
  }
};
MIGBENCH_REGISTER(Workload, FakePrepared);

class FakeIdle : public FakeWorkload {
 public:
  std::string_view name() const override { return "fake-idle"; }
  json defaults() const override { return json::object(); }
  Job job(const json&) const override { return {}; }
};
MIGBENCH_REGISTER(Workload, FakeIdle);

class FakeMigration : public Migration {
 public:
  explicit FakeMigration(const MoveRequest& request) : request_(request) {}
  MoveResult move() override {
    MoveResult result;
    result.request_ns = deadline_now_ns();
    if (request_.parameters.value("refuse", false)) {
      result.moved = false;
      result.reason = "the destination is full";
    } else {
      dynamic_cast<FakeInstance&>(*request_.instance).move_to(*request_.destination);
      const auto now = deadline_now_ns();
      result.phases = {{"dump", result.request_ns, now}, {"restore", now, deadline_now_ns()}};
      result.facts["to"] = request_.destination->name();
      result.facts["marked"] = std::filesystem::exists(request_.parameters.value("mark", ""));
    }
    result.done_ns = deadline_now_ns();
    return result;
  }

 private:
  MoveRequest request_;
};

class FakeTechnique : public Technique {
 public:
  std::string_view name() const override { return "fake-move"; }
  std::string_view summary() const override { return "says that it moved"; }
  std::vector<std::string_view> environments() const override { return {"fake"}; }
  Support check(const Site*) const override { return {}; }
  std::vector<std::string_view> parameters() const override { return {"refuse", "mark"}; }
  std::unique_ptr<Migration> prepare(const MoveRequest& request) const override {
    return std::make_unique<FakeMigration>(request);
  }
};
MIGBENCH_REGISTER(Technique, FakeTechnique);

}  // namespace
}  // namespace migbench
