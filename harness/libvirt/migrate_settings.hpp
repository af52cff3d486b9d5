// How a virtual machine is migrated: the parameters of the techniques, and libvirt's flags and
// typed parameters that they become.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <libvirt/libvirt.h>
#include <nlohmann/json.hpp>

#include "bench/units.hpp"

namespace migbench::libvirt {

enum class Mode { suspend, live, postcopy };

/// Who drives the migration and which way the memory goes.
enum class Control {
  direct,     ///< the harness talks to both daemons; memory from QEMU to QEMU
  p2p,        ///< the source's daemon talks to the destination's; memory from QEMU to QEMU
  tunnelled,  ///< as p2p, with the memory through the daemons' connection
};

struct MigrateSettings {
  Control control = Control::p2p;             ///< "control": "p2p", "direct", "tunnelled"
  std::optional<Nanoseconds> max_downtime{};  ///< "max_downtime": "300ms"
  bool auto_converge = false;           ///< "auto_converge": throttle a guest that writes too fast
  std::string compression{};            ///< "compression": "xbzrle", "mt", "zlib", "zstd"
  std::optional<Bytes> xbzrle_cache{};  ///< "xbzrle_cache": "64MiB"
  int connections = 0;                  ///< "connections": parallel ones (multifd); 0: one stream
  int bandwidth_mib = 0;                ///< "bandwidth": at most so many MiB/s; 0: libvirt's choice
  int postcopy_after = 1;               ///< "postcopy_after": the iteration that switches over
  std::optional<Nanoseconds> timeout{};  ///< "timeout": then it is aborted and stays at the source
  std::string link_rate{};               ///< "link_rate": "1Gbit", shapes the virtual link
  std::string destination_cpu{};  ///< "destination_cpu": another CPU model, to see it refused
};

/// The names that a technique of this mode reads.
[[nodiscard]] std::vector<std::string_view> migrate_parameters(Mode mode);

/// Throws InputError that names the parameter.
[[nodiscard]] MigrateSettings migrate_settings(const nlohmann::json& parameters, Mode mode);

/// Throws InputError where a daemon of this version (virConnectGetLibVersion) cannot do what they
/// ask for.
void check_version(const MigrateSettings& settings, unsigned long daemon);

/// VIR_MIGRATE_...
[[nodiscard]] unsigned migrate_flags(const MigrateSettings& settings, Mode mode);

[[nodiscard]] std::string_view name_of(Control control);

/// libvirt's list of named values, freed with the object.
class TypedParameters {
 public:
  TypedParameters();
  ~TypedParameters() { virTypedParamsFree(list_, count_); }
  TypedParameters(const TypedParameters&) = delete;
  TypedParameters& operator=(const TypedParameters&) = delete;

  void add(const char* name, const std::string& value);
  void add(const char* name, int value);
  void add(const char* name, unsigned long long value);
  [[nodiscard]] virTypedParameterPtr list() const noexcept { return list_; }
  [[nodiscard]] int count() const noexcept { return count_; }

 private:
  virTypedParameterPtr list_ = nullptr;
  int count_ = 0;
  int capacity_ = 0;
};

void add_migrate_parameters(TypedParameters& list, const MigrateSettings& settings);

}  // namespace migbench::libvirt
