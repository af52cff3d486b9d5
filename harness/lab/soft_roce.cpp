#include "harness/lab/soft_roce.hpp"

#include <string>

#include <fmt/format.h>

#include "bench/error.hpp"

namespace migbench::lab {

namespace {

constexpr Nanoseconds kDeadline = std::chrono::seconds(30);

void require(const Place& place, const std::string& script) {
  const Finished finished = place.run({{"sh", "-c", script}}, kDeadline);
  if (!finished.ok()) throw Error("soft-RoCE on " + place.name() + ": " + describe(finished));
}

}  // namespace

void make_soft_roce(const Place& place, std::string_view interface, std::string_view address) {
  const std::string add =
      address.empty() ? "" : fmt::format("ip address add {} dev {}; ", address, interface);
  // The link of an emulated card comes up after its negotiation; a device that is made before has
  // a port that is down until the kernel hears of it.
  require(
      place,
      fmt::format(
          "i={0}; {1}ip link set $i up; "
          "n=0; until grep -q 1 /sys/class/net/$i/carrier 2>/dev/null; do "
          "n=$((n+1)); [ $n -lt 100 ] || {{ echo \"$i has no carrier\" >&2; exit 1; }}; "
          "sleep 0.1; done; "
          "rdma link add {2} type rxe netdev $i || exit 1; p=/sys/class/infiniband/{2}/ports/1; "
          "n=0; until grep -q ACTIVE $p/state && "
          "cat $p/gids/* 2>/dev/null | grep -q ffff; do n=$((n+1)); "
          "[ $n -lt 100 ] || {{ echo \"{2}: $(cat $p/state), no GID of IPv4\" >&2; exit 1; }}; "
          "sleep 0.1; done",
          interface, add, kDevice));
}

void remove_soft_roce(const Place& place, std::string_view interface) {
  require(place, fmt::format("rdma link delete {} 2>/dev/null; [ -e /sys/class/net/{} ] || exit 0; "
                             "ip address flush dev {}; ip link set {} down",
                             kDevice, interface, interface, interface));
}

}  // namespace migbench::lab
