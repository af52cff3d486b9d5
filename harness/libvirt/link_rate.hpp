// A slower link between virtual nodes: tc's token bucket on the node's own interface.
#pragma once

#include <string>

#include "harness/site/site.hpp"

namespace migbench::libvirt {

/// Throws InputError for what is no rate: "1Gbit", "400Mbit".
void check_link_rate(const std::string& rate);

/// What the node sends to the other nodes is shaped while it lives; its guests' own traffic is not.
/// Does nothing for an empty rate. Throws Error; InputError off the local site, whose links are not
/// ours.
class LinkRate {
 public:
  LinkRate(const Site& site, const Node& node, const std::string& rate);
  ~LinkRate();
  LinkRate(const LinkRate&) = delete;
  LinkRate& operator=(const LinkRate&) = delete;

 private:
  const Node* node_ = nullptr;
};

}  // namespace migbench::libvirt
