#include <fmt/format.h>

#include "bench/error.hpp"
#include "harness/migration/criu/agent.hpp"

namespace migbench::criu {

nlohmann::json to_json(const AgentSettings& settings) {
  return {{"criu", settings.criu},
          {"token", settings.token},
          {"image_directory", settings.image_directory},
          {"shared_images", settings.shared_images},
          {"lazy", settings.lazy},
          {"rounds", settings.rounds},
          {"threshold", settings.threshold},
          {"namespaces", settings.namespaces},
          {"external", settings.external},
          {"root", settings.root},
          {"inherit", settings.inherit},
          {"network_lock", static_cast<int>(settings.network_lock)},
          {"port", settings.port},
          {"address", settings.address},
          {"link", settings.link},
          {"announce", settings.announce},
          {"peer", settings.peer},
          {"peer_port", settings.peer_port},
          {"listen", settings.listen},
          {"carry", settings.carry},
          {"pid", settings.pid},
          {"deadline_ns", settings.deadline.count()},
          {"log_level", settings.log_level}};
}

AgentSettings agent_settings(const nlohmann::json& line) {
  AgentSettings settings;
  try {
    line.at("criu").get_to(settings.criu);
    line.at("token").get_to(settings.token);
    line.at("image_directory").get_to(settings.image_directory);
    line.at("shared_images").get_to(settings.shared_images);
    line.at("lazy").get_to(settings.lazy);
    line.at("rounds").get_to(settings.rounds);
    line.at("threshold").get_to(settings.threshold);
    line.at("namespaces").get_to(settings.namespaces);
    line.at("external").get_to(settings.external);
    line.at("root").get_to(settings.root);
    line.at("inherit").get_to(settings.inherit);
    settings.network_lock = static_cast<NetworkLock>(line.at("network_lock").get<int>());
    line.at("port").get_to(settings.port);
    line.at("address").get_to(settings.address);
    line.at("link").get_to(settings.link);
    settings.announce = line.at("announce");
    line.at("peer").get_to(settings.peer);
    line.at("peer_port").get_to(settings.peer_port);
    line.at("listen").get_to(settings.listen);
    line.at("carry").get_to(settings.carry);
    line.at("pid").get_to(settings.pid);
    settings.deadline = Nanoseconds{line.at("deadline_ns").get<std::int64_t>()};
    line.at("log_level").get_to(settings.log_level);
  } catch (const nlohmann::json::exception& error) {
    throw InputError(fmt::format("the agent's settings are not right: {}", error.what()));
  }
  return settings;
}

}  // namespace migbench::criu
