// The technique `blcr`: written to a file, ended, copied, started again from the file, as the study
// did. Single processes by cr_checkpoint and cr_restart, MPI jobs as a whole by ompi-checkpoint and
// ompi-restart (Open MPI 1.3 to 1.6 with --with-ft=cr).
//
// Command lines: BLCR User's Guide (0.8.5), cr_checkpoint(1), cr_restart(1), ompi-checkpoint(1),
// ompi-restart(1).
#include "harness/migration/blcr.hpp"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <sys/utsname.h>

#include "bench/clock.hpp"
#include "bench/document.hpp"
#include "harness/environment/checkpointed.hpp"
#include "harness/migration/technique.hpp"
#include "harness/programs.hpp"

namespace migbench {
namespace {

namespace fs = std::filesystem;

using Run = CheckpointedInstance::Run;

/// What both nodes must have in common, as one text. BLCR restores a process with the libraries of
/// the node where it is restarted.
std::string common_ground(const Place& place) {
  const Finished said = ask(place, {"sh", "-c", "uname -rm; ldconfig -p | cksum"});
  if (!said.ok()) throw Error(describe(said));
  return said.out;
}

/// Prelinking gives each node's libraries other addresses.
bool prelinks(const Place& place) {
  return ask(place, {"test", "-e", "/etc/prelink.cache"}).ok();
}

/// What BLCR cannot save of a process; empty: nothing (BLCR FAQ: sockets, System V IPC).
std::string unsupported_resources(const Place& place, pid_t pid) {
  const Finished said = ask(place, {"sh", "-c",
                                    "ls -l \"/proc/$1/fd\" | sed -n 's/.*-> \\(socket:.*\\)/\\1/p';"
                                    "sed -n 's|.* \\(/SYSV[0-9a-f]*\\).*|\\1|p' \"/proc/$1/maps\"",
                                    "sh", std::to_string(pid)});
  return said.ok() ? said.out : describe(said);
}

/// "Snapshot Ref.:   0 ompi_global_snapshot_1234.ckpt"
std::string snapshot_reference(const std::string& text) {
  const auto label = text.find("Snapshot Ref.:");
  const auto name = text.find("ompi_global_snapshot_", label == std::string::npos ? 0 : label);
  if (name == std::string::npos) return {};
  return text.substr(name, text.find_first_of(" \t\r\n", name) - name);
}

class BlcrMove : public Migration {
 public:
  explicit BlcrMove(const MoveRequest& request)
      : instance_(instance_of(request)),
        destination_(*request.destination),
        deadline_(request.deadline) {
    if (common_ground(instance_.node()) != common_ground(destination_)) {
      throw Error(fmt::format(
          "blcr: {} and {} have not the same kernel, architecture and libraries: BLCR needs that",
          instance_.node().name(), destination_.name()));
    }
    for (const Place* place :
         {static_cast<const Place*>(&instance_.node()), static_cast<const Place*>(&destination_)}) {
      if (prelinks(*place))
        throw Error(fmt::format("blcr: {} prelinks its libraries: switch it off (prelink -ua)",
                                place->name()));
    }
    const auto running = instance_.running();
    if (running.size() != 1) {
      throw Error(fmt::format("blcr: {} commands run on {}, one is needed", running.size(),
                              instance_.node().name()));
    }
    run_ = running.front();
    context_ = run_.directory / "context";
    if (run_.mpi) return;  // MPI closes its connections before a checkpoint
    if (const auto found = unsupported_resources(instance_.node(), run_.pid); !found.empty())
      throw Error(fmt::format("blcr: process {} has what BLCR cannot save: {}", run_.pid, found));
  }

  [[nodiscard]] MoveResult move() override {
    MoveResult result;
    result.request_ns = deadline_now_ns();
    instance_.announce_move(run_);
    try {
      run_.mpi ? move_job(result) : move_process(result);
      instance_.adopt(destination_);
    } catch (const Error& error) {
      result.moved = false;
      result.reason = error.what();
      if (ended_)
        throw Error(
            fmt::format("blcr: the workload ended and was not started again ({}); its "
                        "checkpoint is {}",
                        error.what(), context_.string()));
      instance_.withdraw_move(run_);
    }
    result.done_ns = deadline_now_ns();
    return result;
  }

 private:
  static CheckpointedInstance& instance_of(const MoveRequest& request) {
    auto* instance = dynamic_cast<CheckpointedInstance*>(request.instance);
    if (instance == nullptr) throw Error("blcr: only instances of 'blcr' are moved");
    return *instance;
  }

  template <class Step>
  void timed(MoveResult& result, const char* name, const Step& step) {
    Phase phase{.name = name, .start_ns = deadline_now_ns()};
    phase.details = step();
    phase.end_ns = deadline_now_ns();
    result.phases.push_back(std::move(phase));
  }

  static void need(const Finished& finished) {
    if (!finished.ok()) throw Error(describe(finished));
  }

  void move_process(MoveResult& result) {
    timed(result, "dump", [this] {
      need(ask(instance_.node(),
               {"cr_checkpoint", "--term", "--file", context_.string(), std::to_string(run_.pid)},
               deadline_));
      ended_ = true;
      return nlohmann::json::object();
    });
    timed(result, "transfer", [this] {
      // Through the harness's machine; nothing where all of them share the file system.
      instance_.node().copy_from(context_, context_);
      destination_.copy_to(context_, context_);
      std::error_code ignored;
      return nlohmann::json{{"bytes", fs::file_size(context_, ignored)}};
    });
    timed(result, "restore", [this] {
      instance_.go_on(run_, destination_, {.argv = {"cr_restart", context_.string()}});
      return nlohmann::json::object();
    });
  }

  void move_job(MoveResult& result) {
    const Place& head = instance_.site().head();
    std::string reference;
    timed(result, "dump", [&] {
      const Finished said =
          ask(head, {"ompi-checkpoint", "--term", std::to_string(run_.pid)}, deadline_);
      need(said);
      reference = snapshot_reference(said.out);
      if (reference.empty())
        throw Error("ompi-checkpoint named no snapshot: " + said.out.substr(0, 200));
      ended_ = true;
      return nlohmann::json{{"snapshot", reference}};
    });
    timed(result, "restore", [&] {
      const fs::path hosts = run_.directory / "hosts";
      std::string text;
      for (const auto& node : instance_.site().nodes()) {
        if (node.get() != &instance_.node()) text += node->name() + "\n";
      }
      write_text(hosts, text);
      head.copy_to(hosts, hosts);
      // --preload: each node fetches its part of the snapshot before it starts.
      instance_.go_on(
          run_, head,
          {.argv = {"ompi-restart", "--hostfile", hosts.string(), "--preload", reference}});
      return nlohmann::json::object();
    });
  }

  CheckpointedInstance& instance_;
  Node& destination_;
  Nanoseconds deadline_;
  Run run_;
  fs::path context_;
  bool ended_ = false;
};

class BlcrTechnique : public Technique {
 public:
  [[nodiscard]] std::string_view name() const override { return "blcr"; }
  [[nodiscard]] std::string_view summary() const override {
    return "BLCR: checkpoint to a file, end, copy, restart; a whole MPI job by ompi-checkpoint";
  }
  [[nodiscard]] std::vector<std::string_view> environments() const override { return {"blcr"}; }
  [[nodiscard]] Support check(const Site* /*site*/) const override { return check_blcr(); }
  [[nodiscard]] std::unique_ptr<Migration> prepare(const MoveRequest& request) const override {
    return std::make_unique<BlcrMove>(request);
  }
};

MIGBENCH_REGISTER(Technique, BlcrTechnique);

}  // namespace

Support check_blcr() {
  std::error_code ignored;
  utsname kernel{};
  ::uname(&kernel);
  if (!fs::exists("/proc/checkpoint/ctrl", ignored)) {
    return Unsupported{
        .reason = fmt::format("BLCR's kernel module is not loaded; its last release (0.8.5, 2013) "
                              "is for kernels up to 3.7, this is {}",
                              kernel.release),
        .remedy = "use a cluster with such a kernel and modprobe blcr, or the environment 'criu'"};
  }
  for (const char* program : {"cr_run", "cr_checkpoint", "cr_restart"}) {
    if (look_for_program(program).empty()) {
      return Unsupported{.reason = fmt::format("{} is not in PATH", program),
                         .remedy = "install BLCR's programs (blcr-util)"};
    }
  }
  return std::nullopt;
}

}  // namespace migbench
