// One side's verbs objects: memory, completion queues, queue pairs, and how work is posted to them.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "bench/verbs/completions.hpp"
#include "bench/verbs/device.hpp"
#include "bench/verbs/memory.hpp"
#include "bench/verbs/objects.hpp"
#include "bench/verbs/settings.hpp"

namespace migbench::verbs {

/// Where a peer's memory is, for one-sided operations.
struct RemoteMemory {
  std::uint64_t address = 0;
  std::uint32_t key = 0;
};

/// What a queue pair needs for its peer.
struct Lane {
  ibv_qp* qp = nullptr;
  ibv_ah* peer = nullptr;  ///< UD only
  std::uint32_t peer_qpn = 0;
};

inline constexpr std::uint32_t kUdKey = 0x11111111;  // any number, the same on both sides
/// What a completion is about, packed into its work request id.
struct WorkId {
  enum class Kind : std::uint8_t { data, credit, receive };
  Kind kind = Kind::data;
  std::uint16_t lane = 0;
  std::uint8_t slot = 0;       ///< receive: where the message went
  std::uint16_t messages = 1;  ///< data: how many this completion speaks for

  [[nodiscard]] std::uint64_t pack() const noexcept {
    return static_cast<std::uint64_t>(lane) | static_cast<std::uint64_t>(slot) << 16U |
           static_cast<std::uint64_t>(kind) << 24U | static_cast<std::uint64_t>(messages) << 32U;
  }
  [[nodiscard]] static WorkId unpack(std::uint64_t id) noexcept {
    return {static_cast<Kind>((id >> 24U) & 0xFFU), static_cast<std::uint16_t>(id),
            static_cast<std::uint8_t>(id >> 16U), static_cast<std::uint16_t>(id >> 32U)};
  }
};

class Endpoint {
 public:
  /// Memory and completion queues on this port; queue pairs come by create_queue_pair() or from
  /// librdmacm with queue_pair_attributes().
  Endpoint(Port port, const Settings& settings, std::optional<Bytes> huge_pages);

  [[nodiscard]] ibv_qp_init_attr queue_pair_attributes(int inline_bytes) const;
  /// Tries make(attributes) with less and less inline data until the device takes it, where the
  /// user did not say how much. `make` returns null with errno.
  template <class Make>
  void make_queue_pair(Make make);
  /// With the protection domain of this endpoint, owned by it.
  void create_queue_pair();

  [[nodiscard]] const Port& port() const noexcept { return port_; }
  [[nodiscard]] ibv_pd* domain() const noexcept { return domain_.get(); }
  [[nodiscard]] Completions& completions() noexcept { return *completions_; }
  [[nodiscard]] std::vector<Lane>& lanes() noexcept { return lanes_; }
  [[nodiscard]] const Layout& layout() const noexcept { return layout_; }
  [[nodiscard]] std::byte* memory() const noexcept { return memory_.data(); }
  [[nodiscard]] int inline_limit() const noexcept { return inline_limit_; }
  [[nodiscard]] RemoteMemory own_memory() const;
  void set_remote(const RemoteMemory& remote) noexcept { remote_ = remote; }
  void own(AddressHandle handle) { handles_.push_back(std::move(handle)); }

  /// A request for this operation from a send slot to the peer's receive slot (read: from the
  /// peer's send slot into a receive slot). The scatter list it points to must live as long.
  struct Request {
    ibv_sge piece{};
    ibv_send_wr work{};
  };
  void prepare(Request& request, std::size_t lane, Operation operation, Bytes size,
               std::size_t slot) const;
  /// A message without content that carries `value`: a stream's credit.
  void prepare_credit(Request& request, std::size_t lane, std::uint32_t value) const;
  /// And whatever is linked to it by work.next.
  void post(std::size_t lane, Request& request) {
    ibv_send_wr* bad = nullptr;
    const int result = ::ibv_post_send(lanes_[lane].qp, &request.work, &bad);
    if (result != 0) fail_post(result);
  }
  /// One receive on the lane's own queue or the shared one, into the slots in turn, with room for
  /// the largest message.
  void post_receive(std::size_t lane);

  /// What the device gave: {"inline_limit", "memory_bytes", "huge_pages", "queue_pair_numbers"}.
  [[nodiscard]] nlohmann::json facts() const;

 private:
  /// Throws Error with errno where it is null.
  void take_queue_pair(ibv_qp* pair, int inline_limit);
  [[noreturn]] static void fail_post(int number);
  Port port_;
  Settings settings_;
  Layout layout_;
  std::optional<Bytes> huge_pages_;
  Memory memory_;
  ProtectionDomain domain_;
  MemoryRegion region_;
  std::unique_ptr<Completions> completions_;
  SharedReceiveQueue shared_;
  std::vector<QueuePair> pairs_;
  std::vector<AddressHandle> handles_;
  std::vector<Lane> lanes_;
  RemoteMemory remote_;
  int inline_limit_ = 0;
  std::size_t next_slot_ = 0;
};

template <class Make>
void Endpoint::make_queue_pair(Make make) {
  const std::array<int, 4> all{usual_inline(settings_), 128, 64, 0};
  const std::span<const int> tries =
      settings_.inline_bytes ? std::span<const int>(&*settings_.inline_bytes, 1) : all;
  for (const int bytes : tries) {
    ibv_qp_init_attr attributes = queue_pair_attributes(bytes);
    ibv_qp* pair = make(attributes);
    if (pair == nullptr && bytes != tries.back()) continue;
    take_queue_pair(pair, static_cast<int>(attributes.cap.max_inline_data));
    return;
  }
}

}  // namespace migbench::verbs
