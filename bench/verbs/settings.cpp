#include "bench/verbs/settings.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bench/error.hpp"

namespace migbench::verbs {
namespace {

using nlohmann::json;

template <class Enum>
using Names = std::vector<std::pair<Enum, std::string_view>>;

const Names<Mode>& names_of(Mode /*which*/) {
  static const Names<Mode> names{{Mode::latency, "latency"}, {Mode::bandwidth, "bandwidth"}};
  return names;
}
const Names<Operation>& names_of(Operation /*which*/) {
  static const Names<Operation> names{{Operation::write, "write"},
                                      {Operation::read, "read"},
                                      {Operation::write_imm, "write-imm"},
                                      {Operation::send, "send"}};
  return names;
}
const Names<Transport>& names_of(Transport /*which*/) {
  static const Names<Transport> names{
      {Transport::rc, "rc"}, {Transport::uc, "uc"}, {Transport::ud, "ud"}};
  return names;
}
const Names<Connection>& names_of(Connection /*which*/) {
  static const Names<Connection> names{{Connection::tcp, "tcp"}, {Connection::cm, "cm"}};
  return names;
}
const Names<Completion>& names_of(Completion /*which*/) {
  static const Names<Completion> names{{Completion::polling, "polling"},
                                       {Completion::events, "events"}};
  return names;
}

template <class Enum>
std::string_view name_of(Enum value) {
  for (const auto& [known, text] : names_of(value))
    if (known == value) return text;
  return "?";
}

}  // namespace

std::string_view name(Mode mode) {
  return name_of(mode);
}
std::string_view name(Operation operation) {
  return name_of(operation);
}
std::string_view name(Transport transport) {
  return name_of(transport);
}
std::string_view name(Connection connection) {
  return name_of(connection);
}
std::string_view name(Completion completion) {
  return name_of(completion);
}

template <class Enum>
Enum parse_name(std::string_view text) {
  std::string all;
  for (const auto& [value, known] : names_of(Enum{})) {
    if (known == text) return value;
    all += (all.empty() ? "" : ", ") + std::string(known);
  }
  throw InputError(fmt::format("'{}' is not one of {}", text, all));
}
template Mode parse_name<Mode>(std::string_view);
template Operation parse_name<Operation>(std::string_view);
template Transport parse_name<Transport>(std::string_view);
template Connection parse_name<Connection>(std::string_view);
template Completion parse_name<Completion>(std::string_view);

namespace {

/// What a peer of another make might send, and what a size may be.
void check_ranges(const Settings& settings) {
  constexpr std::uint64_t kLargest = 1UL << 30U;
  if (settings.sizes.empty()) throw InputError("--sizes: no size was given");
  for (const Bytes size : settings.sizes) {
    if (size.count < 1 || size.count > kLargest) {
      throw InputError(fmt::format("--sizes: {} is not within 1 and 1GiB", format_bytes(size)));
    }
  }
  const auto within = [](int value, int least, int most, std::string_view option) {
    if (value < least || value > most)
      throw InputError(fmt::format("{} {}: not within {} and {}", option, value, least, most));
  };
  within(settings.depth, 1, 8192, "--depth");
  within(settings.receive_depth, 1, 8192, "--receive-depth");
  within(settings.qps, 1, 1024, "--qps");
  within(settings.signal_every, 0, 8192, "--signal-every");
  within(settings.service_level, 0, 15, "--service-level");
  within(settings.inline_bytes.value_or(0), 0, 65536, "--inline");
  if (settings.deadline < std::chrono::milliseconds(100))
    throw InputError("--deadline: at least 100ms");
}

}  // namespace

void check_settings(const Settings& settings) {
  check_ranges(settings);
  const auto refuse = [&](std::string_view why) {
    throw InputError(fmt::format("--operation {} over --transport {}: {}", name(settings.operation),
                                 name(settings.transport), why));
  };
  if (settings.transport == Transport::ud && settings.operation != Operation::send)
    refuse("UD has no RDMA; use --operation send");
  if (settings.transport == Transport::uc && settings.operation == Operation::read)
    refuse("only RC can read; use --transport rc");
  if (settings.connection == Connection::cm && settings.transport != Transport::rc)
    refuse("librdmacm connects RC here; use --connection tcp");
  if (settings.connection == Connection::cm && (settings.mtu || settings.service_level != 0)) {
    throw InputError(
        "--mtu and --service-level: librdmacm takes what the fabric says; use --connection tcp");
  }
  if (settings.completion == Completion::events && settings.operation == Operation::write &&
      settings.mode == Mode::latency) {
    refuse("the receiver of a plain write gets no completion to wait for; use write-imm or send");
  }
  if (settings.shared_receive_queue && !receives(settings.operation))
    refuse("nothing is received, so --srq has no meaning");
  if (settings.shared_receive_queue && settings.transport == Transport::uc)
    refuse("UC has no shared receive queues; leave --srq out");
}

int group_of(const Settings& settings, Bytes size) {
  const int most = std::max(1, settings.depth / 4);
  if (settings.signal_every > 0) return std::min(settings.signal_every, settings.depth);
  // As in perftest: large messages take so long that a completion each costs nothing.
  return size.count > 8192 ? 1 : std::min(most, 32);
}

int window_of(const Settings& settings, Bytes size) {
  constexpr std::uint64_t kBusy = 4UL << 20U;  // 100 Gbit/s for 300 us
  constexpr std::uint64_t kFewest = 2;
  const std::uint64_t enough = std::max(kFewest, kBusy / std::max<std::uint64_t>(size.count, 1));
  const auto window =
      static_cast<int>(std::min<std::uint64_t>(static_cast<std::uint64_t>(settings.depth), enough));
  const int group = group_of(settings, size);
  return std::max(group, window / group * group);
}

json to_json(const Settings& settings) {
  json sizes = json::array();
  for (const Bytes size : settings.sizes)
    sizes.push_back(size.count);
  return {{"mode", name(settings.mode)},
          {"operation", name(settings.operation)},
          {"transport", name(settings.transport)},
          {"connection", name(settings.connection)},
          {"completion", name(settings.completion)},
          {"sizes", sizes},
          {"depth", settings.depth},
          {"receive_depth", settings.receive_depth},
          {"qps", settings.qps},
          {"signal_every", settings.signal_every},
          {"srq", settings.shared_receive_queue},
          {"inline", settings.inline_bytes ? json(*settings.inline_bytes) : json("auto")},
          {"mtu", settings.mtu ? json(*settings.mtu) : json("auto")},
          {"service_level", settings.service_level},
          {"bidirectional", settings.bidirectional},
          {"validate", settings.validate},
          {"deadline_ns", settings.deadline.count()}};
}

Settings settings_from_json(const json& object) {
  const auto number = [&](const char* key) -> std::optional<int> {
    return object.at(key).is_string() ? std::nullopt : std::optional<int>(object.at(key));
  };
  try {
    Settings settings;
    settings.mode = parse_name<Mode>(object.at("mode").get<std::string>());
    settings.operation = parse_name<Operation>(object.at("operation").get<std::string>());
    settings.transport = parse_name<Transport>(object.at("transport").get<std::string>());
    settings.connection = parse_name<Connection>(object.at("connection").get<std::string>());
    settings.completion = parse_name<Completion>(object.at("completion").get<std::string>());
    for (const json& size : object.at("sizes"))
      settings.sizes.push_back(Bytes{size.get<std::uint64_t>()});
    settings.depth = object.at("depth");
    settings.receive_depth = object.at("receive_depth");
    settings.qps = object.at("qps");
    settings.signal_every = object.at("signal_every");
    settings.shared_receive_queue = object.at("srq");
    settings.inline_bytes = number("inline");
    settings.mtu = number("mtu");
    settings.service_level = object.at("service_level");
    settings.bidirectional = object.at("bidirectional");
    settings.validate = object.at("validate");
    settings.deadline = Nanoseconds{object.at("deadline_ns").get<std::int64_t>()};
    return settings;
  } catch (const json::exception& error) {
    throw Error(fmt::format("the peer speaks another version: {}; use the same on both sides",
                            error.what()));
  }
}

}  // namespace migbench::verbs
