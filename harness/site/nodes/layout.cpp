#include "harness/site/nodes/layout.hpp"

#include <cerrno>

#include <sys/socket.h>

#include "bench/error.hpp"

namespace migbench {
namespace {

using nlohmann::json;

json paths_json(const std::vector<std::filesystem::path>& paths) {
  json list = json::array();
  for (const auto& path : paths)
    list.push_back(path.string());
  return list;
}

std::vector<std::filesystem::path> paths(const json& list) {
  std::vector<std::filesystem::path> found;
  for (const auto& path : list)
    found.emplace_back(path.get<std::string>());
  return found;
}

json plan_json(const NodePlan& plan) {
  return {{"name", plan.name}, {"address", plan.address}};
}

NodePlan node_plan(const json& document) {
  return {.name = document.at("name"), .address = document.at("address")};
}

json made_json(const NodeMade& made) {
  json document = plan_json(made.plan);
  document["pid"] = made.pid;
  return document;
}

NodeMade node_made(const json& document) {
  return {.plan = node_plan(document), .pid = document.at("pid")};
}

}  // namespace

json to_json(const SitePlan& plan) {
  json nodes = json::array();
  for (const auto& node : plan.nodes)
    nodes.push_back(plan_json(node));
  return {{"head", plan_json(plan.head)},
          {"nodes", nodes},
          {"prefix", plan.prefix},
          {"visible", paths_json(plan.visible)},
          {"container_init", plan.container_init.string()},
          {"name", plan.name}};
}

SitePlan site_plan(const json& document) {
  SitePlan plan;
  plan.head = node_plan(document.at("head"));
  for (const auto& node : document.at("nodes"))
    plan.nodes.push_back(node_plan(node));
  plan.prefix = document.at("prefix");
  plan.visible = paths(document.at("visible"));
  plan.container_init = document.at("container_init").get<std::string>();
  plan.name = document.at("name");
  return plan;
}

json to_json(const SiteMade& made) {
  json nodes = json::array();
  for (const auto& node : made.nodes)
    nodes.push_back(made_json(node));
  return {{"name", made.name},
          {"directory", made.directory.string()},
          {"cgroup", made.cgroup.string()},
          {"cgroup_reason", made.cgroup_reason},
          {"visible", paths_json(made.visible)},
          {"supervisor", made.supervisor},
          {"head", made_json(made.head)},
          {"nodes", nodes}};
}

SiteMade site_made(const json& document) {
  SiteMade made;
  made.name = document.at("name");
  made.directory = document.at("directory").get<std::string>();
  made.cgroup = document.at("cgroup").get<std::string>();
  made.cgroup_reason = document.at("cgroup_reason");
  made.visible = paths(document.at("visible"));
  made.supervisor = document.at("supervisor");
  made.head = node_made(document.at("head"));
  for (const auto& node : document.at("nodes"))
    made.nodes.push_back(node_made(node));
  return made;
}

std::filesystem::path work_cgroup(const std::filesystem::path& site_cgroup,
                                  const std::string& node) {
  return site_cgroup.empty() ? site_cgroup : site_cgroup / node / "work";
}

std::filesystem::path container_cgroup(const std::filesystem::path& site_cgroup,
                                       const std::string& node, const std::string& container) {
  return site_cgroup.empty() ? site_cgroup : site_cgroup / node / ("container-" + container);
}

void send_message(int socket, const json& message) {
  const std::string text = message.dump();
  if (::send(socket, text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size()))
    throw system_error("send to the site's supervisor");
}

bool receive_message(int socket, json& message) {
  std::string text(1U << 20U, '\0');
  ssize_t got = 0;
  do {
    got = ::recv(socket, text.data(), text.size(), 0);
  } while (got < 0 && errno == EINTR);
  if (got <= 0) return false;
  text.resize(static_cast<std::size_t>(got));
  message = json::parse(text);
  return true;
}

}  // namespace migbench
