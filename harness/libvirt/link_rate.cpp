#include "harness/libvirt/link_rate.hpp"

#include <regex>

#include <fmt/format.h>

#include "harness/site/nodes/layout.hpp"

namespace migbench::libvirt {

namespace {

constexpr Nanoseconds kDeadline = std::chrono::seconds(5);

}  // namespace

void check_link_rate(const std::string& rate) {
  static const std::regex form("[0-9]+(\\.[0-9]+)?[MG]bit");
  if (!std::regex_match(rate, form))
    throw InputError(
        fmt::format("parameter 'link_rate': '{}' is no rate like 1Gbit or 400Mbit", rate));
}

LinkRate::LinkRate(const Site& site, const Node& node, const std::string& rate) {
  if (rate.empty()) return;
  check_link_rate(rate);
  if (site.kind() != "local") {
    throw InputError(
        "parameter 'link_rate' shapes the links of virtual nodes only; real ones are left alone");
  }
  // The bucket holds what 10 ms of 10 Gbit/s would send, or timers of 1 ms could not keep the rate.
  const Finished set = node.run({{"tc", "qdisc", "replace", "dev", kNodeLink, "root", "tbf", "rate",
                                  rate, "burst", "2mb", "latency", "50ms"}},
                                kDeadline);
  if (!set.ok()) throw Error(describe(set));
  node_ = &node;
}

LinkRate::~LinkRate() {
  if (node_ == nullptr) return;
  try {
    (void)node_->run({{"tc", "qdisc", "del", "dev", kNodeLink, "root"}}, kDeadline);
  } catch (const std::exception& failed) {
    fmt::print(stderr, "migbench: give the link of {} its rate back: {}\n", node_->name(),
               failed.what());
  }
}

}  // namespace migbench::libvirt
