#include "bench/verbs/call.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <system_error>

#include <fmt/format.h>
#include <sys/resource.h>

#include "bench/units.hpp"

namespace migbench::verbs {
namespace {

std::string locked_memory_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_MEMLOCK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return "unlimited";
  return format_bytes(Bytes{limit.rlim_cur});
}

std::string memory_remedy() {
  return fmt::format(
      "the limit of locked memory is {}: raise it (ulimit -l unlimited, or memlock in "
      "/etc/security/limits.conf), or ask for smaller --sizes, --depth or --qps",
      locked_memory_limit());
}

struct Advice {
  std::string_view call;  ///< a prefix of the call's name
  std::initializer_list<int> numbers;
  std::string_view text;
};

const std::array<Advice, 12>& advice() {
  static const std::array<Advice, 12> table{{
      {"ibv_open_device",
       {EACCES, EPERM},
       "this user may not use /dev/infiniband/uverbs*: join the group that owns it, or run as "
       "root"},
      {"ibv_open_device", {ENOENT, ENODEV, ENXIO}, "load the module: modprobe ib_uverbs"},
      {"ibv_create_qp",
       {EINVAL, EOPNOTSUPP, ENOSYS},
       "the device does not offer this --transport, or --depth, --receive-depth or --inline are "
       "more than it has"},
      {"ibv_create_cq", {EINVAL}, "the device has no room for so many: less --depth or --qps"},
      {"ibv_create_srq",
       {EINVAL, EOPNOTSUPP, ENOSYS},
       "the device has no shared receive queue of this size: leave --srq out"},
      {"ibv_modify_qp to RTR",
       {EINVAL},
       "the peer cannot be reached with this GID or MTU: look at the GIDs with --list on both "
       "sides "
       "and give --gid-index or --roce, or a smaller --mtu"},
      {"ibv_modify_qp",
       {ETIMEDOUT, ENETUNREACH, EHOSTUNREACH, ENOENT},
       "the peer's GID is on a network that this port does not reach: choose another --gid-index"},
      {"ibv_create_ah",
       {EINVAL, ETIMEDOUT, ENETUNREACH, EHOSTUNREACH},
       "the peer cannot be reached with this GID: choose another --gid-index"},
      {"rdma_create_event_channel",
       {ENOENT, ENODEV, EACCES},
       "load the module (modprobe rdma_ucm), or use --connection tcp"},
      {"rdma_bind_addr",
       {ENODEV, EADDRNOTAVAIL},
       "the address is on no RDMA device: give --bind an address of the device's network"},
      {"rdma_resolve_addr",
       {ENODEV, EADDRNOTAVAIL},
       "the way to that address leads over no RDMA device: name the peer by its address on the "
       "device's network"},
      {"rdma_",
       {ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH},
       "is the server running, and its RDMA device up?"},
  }};
  return table;
}

}  // namespace

std::string remedy_for(std::string_view call, int number) {
  if (number == ENOMEM || (number == EAGAIN && call.substr(0, 10) == "ibv_reg_mr"))
    return memory_remedy();
  for (const Advice& entry : advice()) {
    const bool fits =
        std::find(entry.numbers.begin(), entry.numbers.end(), number) != entry.numbers.end();
    if (fits && call.substr(0, entry.call.size()) == entry.call) return std::string(entry.text);
  }
  return "";
}

Error call_error(std::string_view call, int number, std::string_view what) {
  std::string text = fmt::format("{}{}: {}", call, what, std::generic_category().message(number));
  if (const std::string remedy = remedy_for(call, number); !remedy.empty()) text += "; " + remedy;
  return Error{text};
}

std::string remedy_for(ibv_wc_status status) {
  switch (status) {
    case IBV_WC_RETRY_EXC_ERR:
      return "the peer is gone, or the network between the two devices loses packets";
    case IBV_WC_RNR_RETRY_EXC_ERR:
      return "the peer has no receives posted: give it more --receive-depth";
    case IBV_WC_REM_ACCESS_ERR:
    case IBV_WC_REM_INV_REQ_ERR:
    case IBV_WC_REM_OP_ERR:
      return "the peer's device refused the operation: are both sides of the same version?";
    case IBV_WC_LOC_LEN_ERR:
      return "a message was longer than its receive: are both sides of the same version?";
    case IBV_WC_LOC_PROT_ERR:
      return "the device may not read or write the local memory";
    case IBV_WC_WR_FLUSH_ERR:
      return "the connection was torn down: the peer has ended it";
    default:
      return "";
  }
}

Error completion_error(const ibv_wc& completion) {
  std::string text = fmt::format("an operation failed: {} (vendor code {:#x})",
                                 ::ibv_wc_status_str(completion.status), completion.vendor_err);
  if (const std::string remedy = remedy_for(completion.status); !remedy.empty())
    text += "; " + remedy;
  return Error{text};
}

}  // namespace migbench::verbs
