#include "harness/site/named_site.hpp"

#include <algorithm>
#include <csignal>

#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>

#include "bench/clock.hpp"
#include "bench/document.hpp"
#include "bench/error.hpp"
#include "harness/site/local/local_site.hpp"
#include "harness/site/nodes/place_table.hpp"
#include "harness/site/nodes/site_directory.hpp"

namespace migbench {
namespace {

namespace fs = std::filesystem;

constexpr Nanoseconds kReleaseDeadline = std::chrono::seconds(20);

nlohmann::json node_facts(const NodeMade& node) {
  return {{"name", node.plan.name}, {"address", node.plan.address}, {"pid", node.pid}};
}

NamedSite named(const SiteMade& made) {
  NamedSite site{.name = made.name, .directory = made.directory, .places = {}, .facts = {}};
  nlohmann::json nodes = nlohmann::json::array();
  site.places.push_back(made.head.plan.name);
  for (const NodeMade& node : made.nodes) {
    site.places.push_back(node.plan.name);
    nodes.push_back(node_facts(node));
  }
  site.facts = {{"name", made.name},
                {"directory", made.directory.string()},
                {"supervisor", made.supervisor},
                {"head", node_facts(made.head)},
                {"nodes", nodes}};
  return site;
}

/// Every site that stands and has a name.
std::vector<SiteMade> standing() {
  std::vector<SiteMade> found;
  std::error_code error;
  for (fs::directory_iterator entry(sites_directory(), error), end; entry != end;
       entry.increment(error)) {
    if (error) break;
    const fs::path file = entry->path() / "site.json";
    std::error_code gone;
    if (!fs::exists(file, gone)) continue;
    SiteMade made = site_made(read_json(file));
    if (!made.name.empty()) found.push_back(std::move(made));
  }
  std::sort(found.begin(), found.end(),
            [](const SiteMade& one, const SiteMade& other) { return one.name < other.name; });
  return found;
}

SiteMade find_named(const std::string& name) {
  sweep_dead_sites();
  std::string names;
  for (SiteMade& made : standing()) {
    if (made.name == name) return std::move(made);
    names += (names.empty() ? "" : ", ") + made.name;
  }
  throw InputError(
      fmt::format("no nodes are up under the name '{}'; {}", name,
                  names.empty() ? "none are up at all (migbench nodes up)" : "up are: " + names));
}

}  // namespace

NamedSite bring_up_named(const std::string& name, const nlohmann::json& settings) {
  check_host_name(name);
  SitePlan plan = local_site_plan(settings);
  plan.name = name;
  // Two that bring up the same name at the same time must not both find it free.
  std::error_code ignored;
  fs::create_directories(sites_directory(), ignored);
  const UniqueFd lock =
      open_or_throw((sites_directory() / "names.lock").string(), O_RDWR | O_CREAT, 0600);
  if (::flock(lock.get(), LOCK_EX) != 0) throw system_error("lock the names of sites");
  for (const NamedSite& site : named_sites()) {
    if (site.name == name)
      throw InputError(
          fmt::format("nodes are up under the name '{}' already; end them with "
                      "`migbench nodes down {}` or choose another name",
                      name, name));
  }
  return named(make_local_site(plan)->made());
}

std::vector<NamedSite> named_sites() {
  sweep_dead_sites();
  std::vector<NamedSite> sites;
  for (const SiteMade& made : standing())
    sites.push_back(named(made));
  return sites;
}

std::unique_ptr<Site> open_named(const std::string& name) {
  return std::make_unique<LocalSite>(find_named(name), UniqueFd{});
}

Command enter_named(const std::string& name, const std::string& place, const Command& command) {
  const LocalSite site(find_named(name), UniqueFd{});
  if (!read_place(site.directory(), place)) {
    std::string places = site.head().name();
    for (const auto& node : site.nodes())
      places += ", " + node->name();
    throw InputError(fmt::format("'{}' has no place '{}'; there are: {}", name, place, places));
  }
  return site.enter(place, command);
}

void take_down_named(const std::string& name) {
  const SiteMade made = find_named(name);
  // Its supervisor lives: it holds the directory's lock, or the sweep had taken the site away.
  if (::kill(made.supervisor, SIGTERM) != 0)
    throw system_error(
        fmt::format("end the supervisor of '{}' (process {})", name, made.supervisor));
  const std::int64_t until = deadline_now_ns() + kReleaseDeadline.count();
  std::error_code error;
  while (fs::exists(made.directory, error)) {
    if (deadline_now_ns() >= until)
      throw Error(fmt::format("'{}' was not taken down within {}: {} is still there", name,
                              format_duration(kReleaseDeadline), made.directory.string()));
    ::poll(nullptr, 0, 2);
  }
}

}  // namespace migbench
