// The environment `criu`: processes on the node itself with what CRIU needs to be able to move
// them, and nothing more: process numbers of their own (the same must be free on the destination),
// a host name of their own, a session of their own, and files instead of pipes as standard streams.
// Network, files and shared memory are the node's.
#pragma once

#include <string>

#include "harness/environment/environment.hpp"
#include "harness/site/local/local_site.hpp"

namespace migbench {

class CriuInstance : public Instance {
 public:
  /// Brings it up. Throws Error.
  CriuInstance(LocalSite& site, LocalNode& node, std::string name);
  ~CriuInstance() override;
  CriuInstance(const CriuInstance&) = delete;
  CriuInstance& operator=(const CriuInstance&) = delete;

  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] const std::string& address() const override { return node_->address(); }
  [[nodiscard]] Command enter(const Command& command) const override {
    return site_.enter(name_, command);
  }
  void copy_to(const std::filesystem::path& here,
               const std::filesystem::path& there) const override {
    node_->copy_to(here, there);
  }
  void copy_from(const std::filesystem::path& there,
                 const std::filesystem::path& here) const override {
    node_->copy_from(there, here);
  }
  [[nodiscard]] bool shares_clock() const override { return true; }
  [[nodiscard]] Node& node() const override { return *node_; }
  [[nodiscard]] nlohmann::json facts() const override;

  [[nodiscard]] LocalSite& site() const noexcept { return site_; }
  /// Root of the process tree, as the node sees it.
  [[nodiscard]] pid_t root() const noexcept { return root_; }
  /// A second address on the node's link, made when it is first asked for, which moves with the
  /// processes: the node's own stays.
  [[nodiscard]] std::string service_address() override;
  /// That one; empty where it was never asked for.
  [[nodiscard]] const std::string& moving_address() const noexcept { return moving_address_; }
  /// It is on another node from now on.
  void adopt(LocalNode& node, pid_t root);

 private:
  void publish() const;
  void kill_all() const noexcept;
  void give_back_address() noexcept;

  LocalSite& site_;
  LocalNode* node_;
  std::string name_, moving_address_;
  pid_t root_ = 0;
};

}  // namespace migbench
