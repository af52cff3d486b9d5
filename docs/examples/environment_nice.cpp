// Environment `nice`: the node itself, but everything runs at the lowest priority. What does a job
// feel that only gets the time that others leave?
#include "harness/environment/environment.hpp"

namespace migbench {
namespace {

class NiceInstance : public Instance {
 public:
  explicit NiceInstance(Node& node) : node_(node) {}

  const std::string& name() const override { return node_.name(); }
  const std::string& address() const override { return node_.address(); }
  Command enter(const Command& command) const override {
    Command nice = command;
    nice.argv.insert(nice.argv.begin(), {"nice", "-n", "19"});
    return node_.enter(nice);
  }
  void copy_to(const std::filesystem::path& here,
               const std::filesystem::path& there) const override {
    node_.copy_to(here, there);
  }
  void copy_from(const std::filesystem::path& there,
                 const std::filesystem::path& here) const override {
    node_.copy_from(there, here);
  }
  bool shares_clock() const override { return node_.shares_clock(); }
  Node& node() const override { return node_; }
  nlohmann::json facts() const override { return {{"priority", 19}}; }

 private:
  Node& node_;
};

class Nice : public Environment {
 public:
  std::string_view name() const override { return "nice"; }
  std::string_view summary() const override { return "the node itself, at the lowest priority"; }
  Support check(const Site* /*site*/) const override { return {}; }
  std::unique_ptr<Instance> bring_up(Site& /*site*/,
                                     const InstanceRequest& request) const override {
    return std::make_unique<NiceInstance>(*request.node);
  }
};

MIGBENCH_REGISTER(Environment, Nice);

}  // namespace
}  // namespace migbench
