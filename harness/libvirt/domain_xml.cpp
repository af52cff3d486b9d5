#include "harness/libvirt/domain_xml.hpp"

#include <fmt/format.h>

#include "bench/error.hpp"

namespace migbench::libvirt {

namespace {

std::string cpu_element(const DomainSettings& settings) {
  std::string cpu = settings.cpu;
  // qemu64 is TCG's cheapest: with "max" a guest takes a third longer to boot.
  if (cpu.empty()) cpu = settings.kvm ? "host-model" : "qemu64";
  if (cpu == "host-passthrough" || cpu == "host-model" || cpu == "maximum")
    return fmt::format("<cpu mode='{}'/>", cpu);
  return fmt::format(
      "<cpu mode='custom' match='exact' check='{}'><model fallback='forbid'>{}</model></cpu>",
      settings.cpu.empty() ? "none" : "full", xml_escape(cpu));
}

std::string boot_elements(const DomainSettings& settings) {
  if (settings.kernel.empty()) return "<boot dev='hd'/>";
  return fmt::format("<kernel>{}</kernel><initrd>{}</initrd><cmdline>{}</cmdline>",
                     xml_escape(settings.kernel), xml_escape(settings.initramfs),
                     xml_escape(settings.command_line));
}

std::string pinning(const DomainSettings& settings) {
  if (settings.pin.empty()) return "";
  std::string pins;
  for (std::size_t i = 0; i < settings.pin.size(); ++i)
    pins += fmt::format("<vcpupin vcpu='{}' cpuset='{}'/>", i, settings.pin[i]);
  return "<cputune>" + pins + "</cputune>";
}

std::string memory_backing(const DomainSettings& settings) {
  if (!settings.huge_pages) return "";
  return fmt::format(
      "<memoryBacking><hugepages><page size='{}' unit='KiB'/></hugepages></memoryBacking>",
      settings.huge_pages->count / 1024);
}

std::string disks(const DomainSettings& settings) {
  if (settings.disk.empty()) return "";
  // cache='none': libvirt refuses to migrate a guest whose shared disk a host may have cached.
  return fmt::format(
      "<disk type='file' device='disk'><driver name='qemu' type='qcow2' cache='none'/>"
      "<source file='{}'/><target dev='vda' bus='virtio'/></disk>",
      xml_escape(settings.disk));
}

std::string interfaces(const DomainSettings& settings) {
  std::string all;
  for (const NetworkCard& card : settings.cards) {
    all += fmt::format(
        "<interface type='bridge'><mac address='{}'/><source bridge='{}'/>"
        "<model type='{}'/><rom enabled='no'/></interface>",
        card.mac, xml_escape(card.bridge), xml_escape(card.model));
  }
  return all;
}

std::string console(const DomainSettings& settings) {
  if (settings.console.empty()) return "";
  return fmt::format(
      "<serial type='file'><source path='{}' append='on'/><target port='0'/></serial>",
      xml_escape(settings.console));
}

std::map<std::string, std::string, std::less<>> words_of(const DomainSettings& settings) {
  return {
      {"TYPE", settings.kvm ? "kvm" : "qemu"},
      {"NAME", xml_escape(settings.name)},
      {"UUID", settings.uuid},
      {"OWNER", xml_escape(settings.owner)},
      {"MEMORY_KIB", std::to_string(settings.memory.count / 1024)},
      {"MEMORY_BACKING", memory_backing(settings)},
      {"VCPUS", std::to_string(settings.vcpus)},
      {"PINNING", pinning(settings)},
      {"MACHINE", xml_escape(settings.machine)},
      {"BOOT", boot_elements(settings)},
      {"CPU", cpu_element(settings)},
      {"EMULATOR", settings.emulator.empty()
                       ? ""
                       : fmt::format("<emulator>{}</emulator>", xml_escape(settings.emulator))},
      {"DISKS", disks(settings)},
      {"INTERFACES", interfaces(settings)},
      {"CONSOLE", console(settings)},
      {"DEVICES", settings.devices},
  };
}

}  // namespace

std::string_view default_template() {
  return R"(<domain type='@TYPE@'>
  <name>@NAME@</name>
  <uuid>@UUID@</uuid>
  <description>@OWNER@</description>
  <memory unit='KiB'>@MEMORY_KIB@</memory>
  @MEMORY_BACKING@
  <vcpu placement='static'>@VCPUS@</vcpu>
  @PINNING@
  <os><type arch='x86_64' machine='@MACHINE@'>hvm</type>@BOOT@</os>
  <features><acpi/></features>
  @CPU@
  <clock offset='utc'/>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>destroy</on_reboot>
  <on_crash>destroy</on_crash>
  <devices>
    @EMULATOR@
    @DISKS@
    @INTERFACES@
    @CONSOLE@
    <controller type='usb' model='none'/>
    <memballoon model='none'/>
    @DEVICES@
  </devices>
</domain>
)";
}

std::string xml_escape(std::string_view text) {
  std::string escaped;
  for (const char letter : text) {
    switch (letter) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&apos;";
        break;
      default:
        escaped += letter;
    }
  }
  return escaped;
}

std::string domain_xml(const DomainSettings& settings, std::string_view from_template) {
  const auto words = words_of(settings);
  std::string xml;
  bool named = false;
  for (std::size_t at = 0; at < from_template.size();) {
    const auto sign = from_template.find('@', at);
    xml += from_template.substr(at, sign - at);
    if (sign == std::string_view::npos) break;
    const auto end = from_template.find('@', sign + 1);
    if (end == std::string_view::npos) throw InputError("the domain template has a single '@'");
    const std::string_view word = from_template.substr(sign + 1, end - sign - 1);
    const auto value = words.find(word);
    if (value == words.end()) {
      std::string known;
      for (const auto& entry : words)
        known += " @" + entry.first + "@";
      throw InputError(fmt::format("the domain template has @{}@; known are:{}", word, known));
    }
    named = named || word == "NAME";
    xml += value->second;
    at = end + 1;
  }
  if (!named) throw InputError("the domain template has no @NAME@: two guests would have one name");
  return xml;
}

std::string with_cpu_model(const std::string& xml, const std::string& model) {
  const std::string element = fmt::format(
      "<cpu mode='custom' match='exact' check='full'><model fallback='forbid'>{}</model></cpu>",
      xml_escape(model));
  const auto start = xml.find("<cpu ");
  if (start == std::string::npos) throw Error("the domain's definition has no <cpu>");
  const auto self_closed = xml.find("/>", start);
  const auto opened = xml.find('>', start);
  const auto end = self_closed != std::string::npos && self_closed + 1 == opened
                       ? opened + 1
                       : xml.find("</cpu>", start) + 6;
  return xml.substr(0, start) + element + xml.substr(end);
}

}  // namespace migbench::libvirt
