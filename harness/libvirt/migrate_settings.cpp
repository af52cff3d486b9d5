#include <migbench_have.hpp>
#if MIGBENCH_HAVE_LIBVIRT

#include <array>

#include <fmt/format.h>

#include "harness/libvirt/error.hpp"
#include "harness/libvirt/event_loop.hpp"
#include "harness/libvirt/migrate_settings.hpp"
#include "harness/libvirt/parameter.hpp"

namespace migbench::libvirt {

namespace {

using nlohmann::json;
using Name = const std::string&;

enum Applies : unsigned { always = 7, while_running = 6, live_only = 2, postcopy_only = 4 };

struct MigrateParameter {
  const char* name;
  Applies applies;
  void (*read)(const json& value, Name name, MigrateSettings& settings);
};

template <class Choice, std::size_t Count>
Choice one_of(const json& value, Name name,
              const std::array<std::pair<const char*, Choice>, Count>& all) {
  std::string known;
  for (const auto& [word, choice] : all) {
    if (value == word) return choice;
    known += (known.empty() ? "" : ", ") + std::string(word);
  }
  throw InputError(fmt::format("parameter '{}': {} is none of {}", name, value.dump(), known));
}

void read_control(const json& value, Name name, MigrateSettings& settings) {
  constexpr std::array<std::pair<const char*, Control>, 3> all{
      {{"direct", Control::direct}, {"p2p", Control::p2p}, {"tunnelled", Control::tunnelled}}};
  settings.control = one_of(value, name, all);
}

void read_compression(const json& value, Name name, MigrateSettings& settings) {
  constexpr std::array<std::pair<const char*, const char*>, 5> all{
      {{"none", ""}, {"xbzrle", "xbzrle"}, {"mt", "mt"}, {"zlib", "zlib"}, {"zstd", "zstd"}}};
  settings.compression = one_of(value, name, all);
}

constexpr std::array kMigrateParameters{
    MigrateParameter{"control", always, read_control},
    MigrateParameter{
        "max_downtime", while_running,
        [](const json& v, Name n, MigrateSettings& s) { s.max_downtime = duration(v, n); }},
    MigrateParameter{
        "auto_converge", while_running,
        [](const json& v, Name n, MigrateSettings& s) { s.auto_converge = typed<bool>(v, n); }},
    MigrateParameter{"compression", while_running, read_compression},
    MigrateParameter{
        "xbzrle_cache", while_running,
        [](const json& v, Name n, MigrateSettings& s) { s.xbzrle_cache = size(v, n); }},
    MigrateParameter{"connections", live_only,
                     [](const json& v, Name n, MigrateSettings& s) {
                       s.connections = whole_number(v, n, 0, 64);
                     }},
    MigrateParameter{"bandwidth", always,
                     [](const json& v, Name n, MigrateSettings& s) {
                       s.bandwidth_mib = whole_number(v, n, 0, 1 << 20);
                     }},
    MigrateParameter{"postcopy_after", postcopy_only,
                     [](const json& v, Name n, MigrateSettings& s) {
                       s.postcopy_after = whole_number(v, n, 1, 1000);
                     }},
    MigrateParameter{"timeout", always,
                     [](const json& v, Name n, MigrateSettings& s) { s.timeout = duration(v, n); }},
    MigrateParameter{
        "link_rate", always,
        [](const json& v, Name n, MigrateSettings& s) { s.link_rate = typed<std::string>(v, n); }},
    MigrateParameter{"destination_cpu", always,
                     [](const json& v, Name n, MigrateSettings& s) {
                       s.destination_cpu = typed<std::string>(v, n);
                     }},
};

bool applies(const MigrateParameter& parameter, Mode mode) {
  return (parameter.applies & (1U << static_cast<unsigned>(mode))) != 0;
}

}  // namespace

/// What QEMU does to each of its parallel streams (multifd-compression).
static bool compresses_streams(const MigrateSettings& settings) {
  return settings.compression == "zlib" || settings.compression == "zstd";
}

std::vector<std::string_view> migrate_parameters(Mode mode) {
  std::vector<std::string_view> names;
  for (const MigrateParameter& parameter : kMigrateParameters) {
    if (applies(parameter, mode)) names.emplace_back(parameter.name);
  }
  return names;
}

MigrateSettings migrate_settings(const json& parameters, Mode mode) {
  MigrateSettings settings;
  for (const MigrateParameter& parameter : kMigrateParameters) {
    if (applies(parameter, mode) && parameters.contains(parameter.name))
      parameter.read(parameters.at(parameter.name), parameter.name, settings);
  }
  if (settings.connections > 0 && settings.control == Control::tunnelled)
    throw InputError("parameter 'connections': parallel connections cannot be tunnelled");
  if (compresses_streams(settings) && settings.connections == 0) {
    throw InputError(
        fmt::format("parameter 'compression': {} works with parallel connections only; "
                    "give 'connections' too",
                    settings.compression));
  }
  return settings;
}

void check_version(const MigrateSettings& settings, unsigned long daemon) {
  // libvirt's reference: VIR_MIGRATE_PARAM_COMPRESSION_ZLIB_LEVEL and ..._ZSTD_LEVEL since 9.1.0
  constexpr unsigned long kNeeded = 9'001'000;
  if (!compresses_streams(settings) || daemon >= kNeeded) return;
  throw InputError(fmt::format(
      "parameter 'compression': {} needs libvirt 9.1.0, the daemon has "
      "{}.{}.{}: update it, or take xbzrle without 'connections'",
      settings.compression, daemon / 1'000'000, daemon / 1'000 % 1'000, daemon % 1'000));
}

unsigned migrate_flags(const MigrateSettings& settings, Mode mode) {
  unsigned flags = 0;
  if (mode != Mode::suspend) flags |= VIR_MIGRATE_LIVE;
  if (mode == Mode::postcopy) flags |= VIR_MIGRATE_POSTCOPY;
  if (settings.control != Control::direct) flags |= VIR_MIGRATE_PEER2PEER;
  if (settings.control == Control::tunnelled) flags |= VIR_MIGRATE_TUNNELLED;
  if (settings.auto_converge) flags |= VIR_MIGRATE_AUTO_CONVERGE;
  if (!settings.compression.empty()) flags |= VIR_MIGRATE_COMPRESSED;
  if (settings.connections > 0) flags |= VIR_MIGRATE_PARALLEL;
  return flags;
}

std::string_view name_of(Control control) {
  switch (control) {
    case Control::direct:
      return "direct";
    case Control::p2p:
      return "p2p";
    case Control::tunnelled:
      return "tunnelled";
  }
  return "";
}

TypedParameters::TypedParameters() {
  start_event_loop();  // libvirt's own errors crash before it is initialized
}

void TypedParameters::add(const char* name, const std::string& value) {
  if (virTypedParamsAddString(&list_, &count_, &capacity_, name, value.c_str()) != 0)
    throw last_error(std::string("set ") + name);
}

void TypedParameters::add(const char* name, int value) {
  if (virTypedParamsAddInt(&list_, &count_, &capacity_, name, value) != 0)
    throw last_error(std::string("set ") + name);
}

void TypedParameters::add(const char* name, unsigned long long value) {
  if (virTypedParamsAddULLong(&list_, &count_, &capacity_, name, value) != 0)
    throw last_error(std::string("set ") + name);
}

void add_migrate_parameters(TypedParameters& list, const MigrateSettings& settings) {
  if (settings.bandwidth_mib > 0)
    list.add(VIR_MIGRATE_PARAM_BANDWIDTH, static_cast<unsigned long long>(settings.bandwidth_mib));
  if (settings.connections > 0)
    list.add(VIR_MIGRATE_PARAM_PARALLEL_CONNECTIONS, settings.connections);
  if (!settings.compression.empty()) list.add(VIR_MIGRATE_PARAM_COMPRESSION, settings.compression);
  if (settings.xbzrle_cache) {
    list.add(VIR_MIGRATE_PARAM_COMPRESSION_XBZRLE_CACHE,
             static_cast<unsigned long long>(settings.xbzrle_cache->count));
  }
}

}  // namespace migbench::libvirt

#endif
