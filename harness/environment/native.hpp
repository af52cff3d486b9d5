// The environment `native`: processes on the node itself, with nothing between them and it.
#pragma once

#include "harness/environment/environment.hpp"

namespace migbench {

/// The node under its own name. Several on one node are that node.
class NativeInstance : public Instance {
 public:
  explicit NativeInstance(Node& node) : node_(node) {}

  [[nodiscard]] const std::string& name() const override { return node_.name(); }
  [[nodiscard]] const std::string& address() const override { return node_.address(); }
  [[nodiscard]] Command enter(const Command& command) const override {
    return node_.enter(command);
  }
  void copy_to(const std::filesystem::path& here,
               const std::filesystem::path& there) const override {
    node_.copy_to(here, there);
  }
  void copy_from(const std::filesystem::path& there,
                 const std::filesystem::path& here) const override {
    node_.copy_from(there, here);
  }
  [[nodiscard]] bool shares_clock() const override { return node_.shares_clock(); }
  [[nodiscard]] Node& node() const override { return node_; }
  [[nodiscard]] nlohmann::json facts() const override;

 private:
  Node& node_;
};

}  // namespace migbench
