// The definition of a virtual machine, made from a template.
//
// A template is libvirt's domain XML with words in @SIGNS@ that are replaced; the user's own may
// leave out any of them but @NAME@. default_template() is the documentation of all there are.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/units.hpp"

namespace migbench::libvirt {

struct NetworkCard {
  std::string mac;     ///< "02:6d:0a:4d:00:65"
  std::string bridge;  ///< a bridge of the node
  std::string model = "virtio";
};

struct DomainSettings {
  std::string name;
  std::string uuid;
  std::string owner;  ///< goes into <description>: whom a sweep belongs to
  bool kvm = false;
  std::string machine = "pc";
  Bytes memory{256UL << 20U};
  int vcpus = 1;
  std::string cpu{};       ///< "", "host-passthrough", "host-model", "maximum", or a model
  std::vector<int> pin{};  ///< the host's core for each vCPU; empty: not pinned
  std::optional<Bytes> huge_pages{};  ///< their size; empty: ordinary pages
  std::string emulator{};             ///< path of QEMU; empty: libvirt's choice
  std::string kernel{};               ///< either a kernel with initramfs and command line ...
  std::string initramfs{};
  std::string command_line{};
  std::string disk{};  ///< ... or a disk image (qcow2) that boots
  std::vector<NetworkCard> cards{};
  std::string console{};  ///< file that the serial port is written to
  std::string devices{};  ///< further XML within <devices>, as it is
};

[[nodiscard]] std::string_view default_template();

/// Throws InputError that names a word the template has and we do not know, or the lack of @NAME@.
[[nodiscard]] std::string domain_xml(const DomainSettings& settings,
                                     std::string_view from_template);

/// &, <, >, " and ' as XML wants them.
[[nodiscard]] std::string xml_escape(std::string_view text);

/// The XML with another CPU model: for trying what a destination does with it.
[[nodiscard]] std::string with_cpu_model(const std::string& xml, const std::string& model);

}  // namespace migbench::libvirt
