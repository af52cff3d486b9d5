// The technique `dmtcp`: DMTCP writes the processes to files, ends them, and dmtcp_restart goes on
// with them on the other node.
//
// Command lines: dmtcp_coordinator(1), dmtcp_launch(1), dmtcp_command(1), dmtcp_restart(1). The
// short options -h and -p are the same in DMTCP 2 and 3, their long forms are not. MPI jobs need
// MANA, which splits off the MPI library (mana_launch in the place of dmtcp_launch).
#include "harness/migration/dmtcp.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "bench/clock.hpp"
#include "harness/environment/checkpointed.hpp"
#include "harness/migration/technique.hpp"
#include "harness/programs.hpp"

namespace migbench {
namespace {

namespace fs = std::filesystem;

/// A coordinator at the site's head, ended with the object.
class Coordinator {
 public:
  Coordinator(const Place& head, const fs::path& directory) : head_(head) {
    const fs::path file = directory / "port";
    const Finished said =
        ask(head_, {"dmtcp_coordinator", "--daemon", "-p", "0", "--port-file", file.string()});
    if (!said.ok()) throw Error(describe(said));
    const Finished port = ask(head_, {"cat", file.string()});
    if (!port.ok()) throw Error(describe(port));
    port_ = port.out.substr(0, port.out.find_first_not_of("0123456789"));
    if (port_.empty()) throw Error("dmtcp_coordinator wrote no port to " + file.string());
  }
  ~Coordinator() {
    try {
      (void)command("--quit");
    } catch (const std::exception& error) {
      fmt::print(stderr, "migbench: {}\n", error.what());
    }
  }
  Coordinator(const Coordinator&) = delete;
  Coordinator& operator=(const Coordinator&) = delete;

  [[nodiscard]] Finished command(const char* what, Nanoseconds deadline = kQuestion) const {
    return ask(head_, {"dmtcp_command", "-h", head_.address(), "-p", port_, what}, deadline);
  }
  /// A program of DMTCP's that is to talk to this coordinator.
  [[nodiscard]] std::vector<std::string> client(const char* program) const {
    return {program, "-h", head_.address(), "-p", port_};
  }

 private:
  const Place& head_;
  std::string port_;
};

std::vector<std::string> launch_prefix(const Coordinator& coordinator, const fs::path& images) {
  auto argv = coordinator.client("dmtcp_launch");
  argv.insert(argv.end(), {"--join-coordinator", "--ckptdir", images.string()});
  return argv;
}

fs::path make_directory(const Site& site, const Node& node) {
  const fs::path directory = site.scratch() / fmt::format("dmtcp-images-{}", node.name());
  fs::create_directories(directory);
  return directory;
}

/// The coordinator lives as long as the processes that it coordinates.
struct CoordinatorFirst {
  CoordinatorFirst(Site& site, Node& node)
      : images(make_directory(site, node)), coordinator(site.head(), images) {}
  fs::path images;
  Coordinator coordinator;
};

class DmtcpInstance : private CoordinatorFirst, public CheckpointedInstance {
 public:
  DmtcpInstance(Site& site, Node& node)
      : CoordinatorFirst(site, node),
        CheckpointedInstance(site, node, "dmtcp", launch_prefix(coordinator, images), {}) {}

  [[nodiscard]] Command launcher(const Command& mpirun) const override {
    (void)mpirun;
    throw Error("dmtcp: an MPI job needs MANA, which is not driven here: use plain workloads");
  }
  [[nodiscard]] const Coordinator& coordinator_of() const { return coordinator; }
  [[nodiscard]] const fs::path& images_of() const { return images; }
};

class DmtcpMove : public Migration {
 public:
  explicit DmtcpMove(const MoveRequest& request)
      : destination_(*request.destination), deadline_(request.deadline) {
    instance_ = dynamic_cast<DmtcpInstance*>(request.instance);
    if (instance_ == nullptr) throw Error("dmtcp: only instances of 'dmtcp' are moved");
    const auto running = instance_->running();
    if (running.size() != 1) {
      throw Error(fmt::format("dmtcp: {} commands run on {}, one is needed", running.size(),
                              instance_->node().name()));
    }
    run_ = running.front();
  }

  [[nodiscard]] MoveResult move() override {
    MoveResult result;
    result.request_ns = deadline_now_ns();
    instance_->announce_move(run_);
    // It returns when the files are written. What the processes still do until they are killed is
    // done again after the restart.
    const Finished written = instance_->coordinator_of().command("--bcheckpoint", deadline_);
    const std::int64_t dumped = deadline_now_ns();
    if (!written.ok()) {
      instance_->withdraw_move(run_);
      result.moved = false;
      result.reason = describe(written);
      result.done_ns = dumped;
      return result;
    }
    const Finished killed = instance_->coordinator_of().command("--kill");
    if (!killed.ok()) throw Error("the processes may run still: " + describe(killed));
    instance_->node().copy_from(instance_->images_of(), instance_->images_of());
    destination_.copy_to(instance_->images_of(), instance_->images_of());
    const std::int64_t copied = deadline_now_ns();
    Command restart{.argv = {"sh", "-c", "images=$1; shift; exec \"$@\" \"$images\"/ckpt_*.dmtcp",
                             "sh", instance_->images_of().string()}};
    const auto client = instance_->coordinator_of().client("dmtcp_restart");
    restart.argv.insert(restart.argv.end(), client.begin(), client.end());
    instance_->go_on(run_, destination_, restart);
    instance_->adopt(destination_);
    result.done_ns = deadline_now_ns();
    result.phases = {{.name = "dump", .start_ns = result.request_ns, .end_ns = dumped},
                     {.name = "transfer", .start_ns = dumped, .end_ns = copied},
                     {.name = "restore", .start_ns = copied, .end_ns = result.done_ns}};
    return result;
  }

 private:
  DmtcpInstance* instance_ = nullptr;
  Node& destination_;
  Nanoseconds deadline_;
  CheckpointedInstance::Run run_;
};

class DmtcpTechnique : public Technique {
 public:
  [[nodiscard]] std::string_view name() const override { return "dmtcp"; }
  [[nodiscard]] std::string_view summary() const override {
    return "DMTCP: checkpoint to files, end, copy, restart; in user space";
  }
  [[nodiscard]] std::vector<std::string_view> environments() const override { return {"dmtcp"}; }
  [[nodiscard]] Support check(const Site* /*site*/) const override { return check_dmtcp(); }
  [[nodiscard]] std::unique_ptr<Migration> prepare(const MoveRequest& request) const override {
    return std::make_unique<DmtcpMove>(request);
  }
};

MIGBENCH_REGISTER(Technique, DmtcpTechnique);

}  // namespace

Support check_dmtcp() {
  for (const char* program :
       {"dmtcp_coordinator", "dmtcp_launch", "dmtcp_command", "dmtcp_restart"}) {
    if (look_for_program(program).empty()) {
      return Unsupported{
          .reason = fmt::format("{} is not in PATH", program),
          .remedy = "install DMTCP (dmtcp.sourceforge.io; Debian 11's package dmtcp)"};
    }
  }
  return std::nullopt;
}

std::unique_ptr<Instance> make_dmtcp_instance(Site& site, Node& node) {
  return std::make_unique<DmtcpInstance>(site, node);
}

}  // namespace migbench
