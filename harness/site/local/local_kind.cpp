// The kind of site `local`: what a plan may ask of it, and whether this machine can make it.
#include <algorithm>
#include <array>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <unistd.h>

#include "bench/error.hpp"
#include "harness/programs.hpp"
#include "harness/site/local/local_site.hpp"

namespace migbench {
namespace {

namespace fs = std::filesystem;

constexpr int kFewestNodes = 2, kMostNodes = 16, kDefaultNodes = 3;
constexpr int kFirstNodeHost = 11;

/// "10.77.0." of "10.77.0.0/24", the only shape that there is.
std::string network_prefix(const std::string& text) {
  const std::string tail = ".0/24";
  in_addr parsed{};
  if (text.size() <= tail.size() || text.substr(text.size() - tail.size()) != tail ||
      ::inet_pton(AF_INET, text.substr(0, text.size() - 3).c_str(), &parsed) != 1)
    throw InputError(fmt::format(
        "site.network: '{}' is not of the form A.B.C.0/24, for example 10.77.0.0/24", text));
  return text.substr(0, text.size() - 4);
}

int node_count(const nlohmann::json& settings) {
  const auto nodes = settings.value("nodes", nlohmann::json(kDefaultNodes));
  if (!nodes.is_number_integer() || nodes < kFewestNodes || nodes > kMostNodes)
    throw InputError(fmt::format("site.nodes: {} is not a number from {} to {}", nodes.dump(),
                                 kFewestNodes, kMostNodes));
  return nodes.get<int>();
}

std::vector<fs::path> visible_directories(const nlohmann::json& settings) {
  // What nearly every command needs: the programs, and where the user is.
  std::vector<fs::path> visible{find_program("migbench-exec").parent_path()};
  std::error_code error;
  visible.push_back(fs::current_path(error));
  const auto asked = settings.value("visible", nlohmann::json::array());
  if (!asked.is_array()) throw InputError("site.visible: a list of directories is needed");
  for (const auto& path : asked) {
    if (!path.is_string() || !fs::is_directory(path.get<std::string>(), error))
      throw InputError(fmt::format("site.visible: {} is no directory", path.dump()));
    visible.push_back(fs::absolute(path.get<std::string>()));
  }
  return visible;
}

/// Tries, in a process of its own, what the nodes are made of. Empty: it works.
std::string try_namespaces() {
  const Finished finished = run({.argv = {find_program("migbench-supervisor").string(), "--check"},
                                 .env = {},
                                 .directory = {}},
                                std::chrono::seconds(20));
  if (finished.ok()) return {};
  return finished.err.empty() ? describe(finished)
                              : finished.err.substr(0, finished.err.find_last_not_of('\n') + 1);
}

class LocalKind : public SiteKind {
 public:
  [[nodiscard]] std::string_view name() const override { return "local"; }
  [[nodiscard]] std::string_view summary() const override {
    return "virtual nodes on this machine: namespaces joined by a virtual switch";
  }

  [[nodiscard]] Support check(const nlohmann::json& settings) const override {
    (void)local_site_plan(settings);
    const std::string why = try_namespaces();
    if (why.empty()) return std::nullopt;
    return Unsupported{
        .reason = why,
        .remedy = ::geteuid() == 0
                      ? "give CAP_SYS_ADMIN and CAP_NET_ADMIN (in a container: --privileged), and "
                        "a kernel with veth and bridge (modprobe veth bridge)"
                      : "run as root: virtual nodes need CAP_SYS_ADMIN and CAP_NET_ADMIN"};
  }

  [[nodiscard]] std::unique_ptr<Site> bring_up(const nlohmann::json& settings) const override {
    return make_local_site(local_site_plan(settings));
  }
};

}  // namespace

SitePlan local_site_plan(const nlohmann::json& settings) {
  if (!settings.is_object()) throw InputError("site: an object is needed");
  constexpr std::array<std::string_view, 4> kKnown{"kind", "nodes", "network", "visible"};
  for (const auto& [key, value] : settings.items()) {
    if (std::find(kKnown.begin(), kKnown.end(), key) == kKnown.end())
      throw InputError(
          fmt::format("site: unknown setting '{}' for a local site; known are: nodes, "
                      "network, visible",
                      key));
  }
  const auto network = settings.value("network", nlohmann::json("10.77.0.0/24"));
  if (!network.is_string()) throw InputError("site.network: a text is needed");
  const std::string prefix = network_prefix(network);
  SitePlan plan;
  plan.head = {.name = "head", .address = prefix + "1"};
  for (int i = 0; i < node_count(settings); ++i)
    plan.nodes.push_back({.name = fmt::format("n{}", i + 1),
                          .address = prefix + std::to_string(kFirstNodeHost + i)});
  plan.visible = visible_directories(settings);
  plan.container_init = find_program("migbench-container-init");
  return plan;
}

MIGBENCH_REGISTER(SiteKind, LocalKind);

}  // namespace migbench
