// Where a virtual machine is after a move that may have gone wrong.
#pragma once

#include <string>

#include "harness/libvirt/machine.hpp"

namespace migbench::libvirt {

/// What the two ends say: virDomainState, NOSTATE where it is not there.
struct Whereabouts {
  int source = VIR_DOMAIN_NOSTATE;
  int destination = VIR_DOMAIN_NOSTATE;
};

/// Asks both ends until they agree on one place (a daemon that died is started again, or connected
/// to again, first); a machine that was left paused at the source while the destination has none is
/// resumed there. Returns what it found last after some seconds.
[[nodiscard]] Whereabouts settle_whereabouts(const Machine& machine, Node& source,
                                             Node& destination);

/// The end of what the machine's QEMU wrote into its log on this node: "QEMU on n2 said: ...";
/// empty where there is none.
[[nodiscard]] std::string last_words(const Machine& machine, Node& node);

/// "running", "paused", "absent" ...
[[nodiscard]] std::string state_name(int state);

}  // namespace migbench::libvirt
