// What the environments `blcr` and `dmtcp` have in common: processes on the node itself, started
// under a checkpointer that can write them to a file and start them again from it elsewhere.
//
// A checkpointed process is ended at its old place and is somebody else's child at the new one. So
// each runs behind a small script that stays: it gives the process files as standard streams and,
// where it was moved, waits for the exit status that its restart leaves.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/environment/environment.hpp"
#include "harness/site/process.hpp"

namespace migbench {

class CheckpointedInstance : public Instance {
 public:
  /// `kind`: the environment's name. `prefix`: the checkpointer's launcher, which is put before
  /// each command; `mpi_options` follow mpirun.
  CheckpointedInstance(Site& site, Node& node, std::string kind, std::vector<std::string> prefix,
                       std::vector<std::string> mpi_options);
  ~CheckpointedInstance() override;
  CheckpointedInstance(const CheckpointedInstance&) = delete;
  CheckpointedInstance& operator=(const CheckpointedInstance&) = delete;

  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] const std::string& address() const override { return node_->address(); }
  [[nodiscard]] Command enter(const Command& command) const override;
  [[nodiscard]] Command launcher(const Command& mpirun) const override;
  void copy_to(const std::filesystem::path& here,
               const std::filesystem::path& there) const override {
    node_->copy_to(here, there);
  }
  void copy_from(const std::filesystem::path& there,
                 const std::filesystem::path& here) const override {
    node_->copy_from(there, here);
  }
  [[nodiscard]] bool shares_clock() const override { return node_->shares_clock(); }
  [[nodiscard]] Node& node() const override { return *node_; }
  [[nodiscard]] nlohmann::json facts() const override;

  /// One command that was started here.
  struct Run {
    std::filesystem::path directory;  ///< of its files; the same path on every node
    bool mpi = false;                 ///< mpirun, on the site's head
    pid_t pid = 0;
  };
  /// Those that still run.
  [[nodiscard]] std::vector<Run> running() const;

  [[nodiscard]] Site& site() const noexcept { return site_; }
  /// Tells the script that the end of its process is no end.
  void announce_move(const Run& run) const;
  /// Takes that back: the process was not moved after all.
  void withdraw_move(const Run& run) const;
  /// Starts `restart` at `place`, whose exit status is the run's, and lets it live as long as this
  /// instance.
  void go_on(const Run& run, const Place& place, const Command& restart);
  void adopt(Node& node) { node_ = &node; }

 private:
  [[nodiscard]] Command behind_script(const Command& command, bool mpi) const;

  Site& site_;
  Node* node_;
  std::string name_, kind_;
  std::vector<std::string> prefix_, mpi_options_;
  std::filesystem::path directory_;
  mutable std::vector<Run> runs_;
  std::vector<Process> restarted_;
};

}  // namespace migbench
