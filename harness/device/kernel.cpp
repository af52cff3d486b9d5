#include "harness/device/kernel.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "bench/error.hpp"
#include "harness/site/process.hpp"
#include "harness/site/unique_fd.hpp"

namespace migbench::device {

namespace fs = std::filesystem;

namespace {

constexpr Nanoseconds kDeadline = std::chrono::seconds(30);

std::optional<std::string> content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (file.bad()) return std::nullopt;
  while (!text.empty() && std::strchr(" \t\n", text.back()) != nullptr)
    text.pop_back();
  return text;
}

}  // namespace

bool Kernel::exists(const std::string& path) const {
  std::error_code error;
  return fs::exists(sys_ / path, error);
}

std::optional<std::string> Kernel::read(const std::string& path) const {
  std::error_code error;
  if (!fs::is_regular_file(sys_ / path, error)) return std::nullopt;
  return content(sys_ / path);
}

std::string Kernel::link_name(const std::string& path) const {
  std::error_code error;
  const fs::path target = fs::read_symlink(sys_ / path, error);
  return error ? "" : target.filename().string();
}

std::vector<std::string> Kernel::names_in(const std::string& path) const {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(sys_ / path, error), end; !error && entry != end;
       entry.increment(error))
    names.push_back(entry->path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

void Kernel::write(const std::string& path, const std::string& text) {
  const std::string whole = (sys_ / path).string();
  const UniqueFd file = open_or_throw(whole, O_WRONLY);
  // One call: an attribute's store function sees what one write(2) brings, and no more.
  const auto written = ::write(file.get(), text.data(), text.size());
  if (written != static_cast<ssize_t>(text.size()))
    throw system_error(fmt::format("write '{}' to {}", text == "\n" ? "" : text, whole));
}

Finished Kernel::run(const std::vector<std::string>& argv) const {
  return migbench::run({argv}, kDeadline);
}

std::string Kernel::firmware(const std::string& netdev) const {
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  netdev.copy(request.ifr_name, IFNAMSIZ - 1);
  ethtool_drvinfo info{};
  info.cmd = ETHTOOL_GDRVINFO;
  request.ifr_data = reinterpret_cast<char*>(&info);
  if (!socket || ::ioctl(socket.get(), SIOCETHTOOL, &request) != 0) return "";
  return {info.fw_version, ::strnlen(info.fw_version, sizeof info.fw_version)};
}

std::string Kernel::boot_id() const {
  return content(proc_ / "sys/kernel/random/boot_id").value_or("");
}

nlohmann::json Kernel::ask(const std::vector<std::string>& argv) const {
  const Finished finished = run(argv);
  if (!finished.ok()) throw Error(describe(finished));
  if (finished.out.find_first_not_of(" \n") == std::string::npos) return nullptr;
  auto document = nlohmann::json::parse(finished.out, nullptr, false);
  if (document.is_discarded())
    throw Error(fmt::format("'{}' did not print JSON; iproute2 4.13 or newer is needed",
                            shell_quote({argv})));
  return document;
}

void Kernel::tell(const std::vector<std::string>& argv) const {
  if (const Finished finished = run(argv); !finished.ok()) throw Error(describe(finished));
}

}  // namespace migbench::device
