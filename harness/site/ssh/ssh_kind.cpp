// The kind of site `ssh`: what a plan may ask of it.
#include <algorithm>
#include <array>
#include <memory>
#include <set>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <netdb.h>

#include "bench/error.hpp"
#include "harness/programs.hpp"
#include "harness/site/nodes/place_table.hpp"
#include "harness/site/ssh/ssh_site.hpp"

namespace migbench {
namespace {

using nlohmann::json;

template <std::size_t N>
void refuse_unknown(const json& object, const std::string& where,
                    const std::array<std::string_view, N>& known) {
  for (const auto& [key, value] : object.items()) {
    if (std::find(known.begin(), known.end(), key) == known.end())
      throw InputError(fmt::format("{}: unknown setting '{}'; known are: {}", where, key,
                                   fmt::join(known, ", ")));
  }
}

std::string text(const json& object, const char* key, const std::string& where,
                 const std::string& otherwise) {
  const json value = object.value(key, json(otherwise));
  if (!value.is_string())
    throw InputError(fmt::format("{}.{}: {} is no text", where, key, value.dump()));
  return value.get<std::string>();
}

bool is_numeric(const std::string& address) {
  in6_addr parsed{};
  return ::inet_pton(AF_INET, address.c_str(), &parsed) == 1 ||
         ::inet_pton(AF_INET6, address.c_str(), &parsed) == 1;
}

/// "n1" of "root@n1".
std::string without_user(const std::string& host) {
  return host.substr(host.find('@') == std::string::npos ? 0 : host.find('@') + 1);
}

std::string look_up(const std::string& host, const std::string& where) {
  addrinfo wanted{};
  wanted.ai_family = AF_INET;
  wanted.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(without_user(host).c_str(), nullptr, &wanted, &found);
  if (failed != 0)
    throw InputError(
        fmt::format("{}: '{}' has no address here ({}): give it, {{\"host\": \"{}\", \"address\": "
                    "\"10.0.0.1\"}}",
                    where, host, ::gai_strerror(failed), host));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
  std::array<char, NI_MAXHOST> numeric{};
  (void)::getnameinfo(found->ai_addr, found->ai_addrlen, numeric.data(), numeric.size(), nullptr, 0,
                      NI_NUMERICHOST);
  return numeric.data();
}

SshHost host_of(const json& node, const std::string& where, const SshTarget& common) {
  const json object = node.is_string() ? json{{"host", node}} : node;
  if (!object.is_object())
    throw InputError(fmt::format("{}: {} is neither a host nor an object", where, node.dump()));
  refuse_unknown(object, where, std::array<std::string_view, 3>{"host", "address", "name"});
  SshHost host;
  host.target = common;
  host.target.host = text(object, "host", where, "");
  // It would be read as an option.
  if (host.target.host.empty() || host.target.host.front() == '-')
    throw InputError(fmt::format("{}.host: '{}' is no host", where, host.target.host));
  const std::string bare = without_user(host.target.host);
  // mpirun takes the part before the dot for the host's name.
  host.name = text(object, "name", where, is_numeric(bare) ? "" : bare.substr(0, bare.find('.')));
  if (host.name.empty())
    throw InputError(fmt::format("{}.name: {} needs a name, for records", where, bare));
  check_host_name(host.name);
  host.address = text(object, "address", where, is_numeric(bare) ? bare : "");
  if (host.address.empty()) host.address = look_up(host.target.host, where);
  if (!is_numeric(host.address))
    throw InputError(fmt::format("{}.address: '{}' is not numeric", where, host.address));
  return host;
}

std::vector<std::string> options_of(const json& settings) {
  const json options = settings.value("options", json::array());
  std::vector<std::string> words;
  for (const json& word : options) {
    if (!options.is_array() || !word.is_string())
      throw InputError(
          R"(site.options: a list of ssh's words is needed, for example ["-p", "2222"])");
    words.push_back(word.get<std::string>());
  }
  return words;
}

class SshKind final : public SiteKind {
 public:
  [[nodiscard]] std::string_view name() const override { return "ssh"; }
  [[nodiscard]] std::string_view summary() const override {
    return "real hosts reached by ssh, with migbench and MPI at the same paths";
  }
  [[nodiscard]] Support check(const json& settings) const override {
    // `migbench list` asks in general.
    const bool asked = settings.contains("nodes");
    const auto program =
        asked ? ssh_settings(settings).hosts.front().target.program : std::string("ssh");
    if (!look_for_program(program).empty()) return std::nullopt;
    return Unsupported{fmt::format("{} is not in PATH", program), "apt-get install openssh-client"};
  }
  [[nodiscard]] std::unique_ptr<Site> bring_up(const json& settings) const override {
    return std::make_unique<SshSite>(ssh_settings(settings));
  }
};

MIGBENCH_REGISTER(SiteKind, SshKind);

}  // namespace

SshSettings ssh_settings(const json& settings) {
  refuse_unknown(settings, "site",
                 std::array<std::string_view, 5>{"kind", "nodes", "network", "options", "program"});
  SshSettings read;
  read.network = text(settings, "network", "site", "");
  const SshTarget common{"", options_of(settings), text(settings, "program", "site", "ssh")};
  const json nodes = settings.value("nodes", json());
  if (!nodes.is_array() || nodes.empty())
    throw InputError(R"(site.nodes: a list of hosts is needed, for example ["n1", "root@n2"])");
  std::set<std::string> names;
  for (const json& node : nodes) {
    const auto where = fmt::format("site.nodes[{}]", read.hosts.size());
    read.hosts.push_back(host_of(node, where, common));
    if (!names.insert(read.hosts.back().name).second)
      throw InputError(
          fmt::format("{}: a second host of the name '{}'", where, read.hosts.back().name));
  }
  return read;
}

}  // namespace migbench
