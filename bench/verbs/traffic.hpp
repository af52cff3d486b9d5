// Messages on their way over all queue pairs, as many as the windows allow, and what has become of
// them. Every completion of a connection passes through here.
//
// Where the operation takes a receive at the peer, the peer returns credits, so that no message
// ever finds no receive: over UC and UD it would be lost, over RC repeated after a pause.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "bench/verbs/connected.hpp"

namespace migbench::verbs {

class Traffic {
 public:
  /// Posts the receives. One for the life of a connection.
  explicit Traffic(Connected& link);

  /// For what is posted from now on; nothing may be on its way.
  void set_size(Bytes size);
  /// Posts groups of messages until the windows or the credits are used up.
  void post_more();
  /// One message from this slot, with a completion of its own.
  void post_one(std::size_t slot);
  /// What has completed; waits where events are used. Whether there was anything.
  bool reap();

  [[nodiscard]] std::int64_t posted() const noexcept { return posted_; }
  [[nodiscard]] std::int64_t completed() const noexcept { return completed_; }
  [[nodiscard]] std::int64_t received() const noexcept { return received_; }
  /// Messages that a group has.
  [[nodiscard]] int group() const noexcept { return group_; }
  /// Messages that can be on their way at the same time, over all queue pairs.
  [[nodiscard]] std::int64_t window() const noexcept {
    return static_cast<std::int64_t>(window_) * static_cast<std::int64_t>(ways_.size());
  }
  /// The slots that the last messages went to, oldest first; for the validation.
  [[nodiscard]] const std::vector<std::size_t>& slots() const noexcept { return slots_; }
  void forget_slots() noexcept { slots_.clear(); }
  void keep_slots(bool keep) noexcept { keep_slots_ = keep; }
  [[nodiscard]] Watch& watch() noexcept { return watch_; }
  /// Waits until all that was posted has completed.
  void drain();

 private:
  struct Way {
    std::vector<Endpoint::Request> group{};  ///< linked: all of it is posted by one call
    std::int64_t on_the_way = 0;
    std::int64_t uncredited = 0;  ///< sent, and no credit came back yet
    std::uint32_t to_grant = 0;   ///< received, and no credit went back yet
  };
  void fill_receives();
  [[nodiscard]] bool has_room(const Way& way) const;
  void prepare_group(std::size_t lane);
  void post_group(std::size_t lane);
  void handle(const ibv_wc& completion);
  void take_receive(const ibv_wc& completion, const WorkId& id);
  [[nodiscard]] std::size_t lane_of(const ibv_wc& completion, const WorkId& id) const;

  Connected& link_;
  Endpoint& endpoint_;
  const Settings& settings_;
  Watch watch_;
  bool receives_;
  bool credits_;
  Bytes size_{};
  int group_ = 1;
  int window_ = 1;
  std::vector<Way> ways_;
  std::map<std::uint32_t, std::size_t> lane_of_number_{};
  std::array<ibv_wc, 16> found_{};
  std::size_t turn_ = 0;
  std::int64_t posted_ = 0;
  std::int64_t completed_ = 0;
  std::int64_t received_ = 0;
  bool keep_slots_ = false;
  std::vector<std::size_t> slots_{};
};

}  // namespace migbench::verbs
