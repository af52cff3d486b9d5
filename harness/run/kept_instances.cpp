#include "harness/run/kept_instances.hpp"

#include <thread>
#include <utility>
#include <vector>

#include "harness/registry.hpp"

namespace migbench {

namespace {

using nlohmann::json;

/// What the environments read of a cell's parameters, behind their names.
json read_by(const Environment& environment, const Environment& peers, const json& parameters) {
  json read = json::object();
  for (const Environment* reader : {&environment, &peers})
    for (const std::string_view name : reader->parameters())
      if (const auto given = parameters.find(std::string(name)); given != parameters.end())
        read[std::string(name)] = *given;
  return {environment.name(), peers.name(), read};
}

}  // namespace

std::string sharing_key(const Cell& cell) {
  if (cell.technique || cell.control) return cell.id;
  const auto& known = Registry<Environment>::instance();
  return read_by(known.at(cell.environment, "environment"), known.at(cell.peers(), "environment"),
                 cell.parameters)
      .dump();
}

std::string instances_key(const Environment& environment, const Environment& peers,
                          const std::vector<InstanceRequest>& requests) {
  json key = json::array();
  for (const auto& request : requests)
    key.push_back(
        {request.name, request.node->name(), read_by(environment, peers, request.parameters)});
  return key.dump();
}

KeptInstances::Found KeptInstances::take(const std::string& key) {
  if (key != key_) end();
  key_.clear();
  return std::exchange(kept_, {});
}

void KeptInstances::keep(std::string key, Found used) {
  end();
  key_ = std::move(key);
  kept_ = std::move(used);
}

void KeptInstances::end() noexcept {
  key_.clear();
  // Side by side: giving a device back takes seconds.
  Found ended = std::exchange(kept_, {});
  std::vector<std::thread> ending;
  for (auto& instance : ended.instances)
    ending.emplace_back([one = std::move(instance)]() mutable { one.reset(); });
  for (std::thread& one : ending)
    one.join();
}

}  // namespace migbench
