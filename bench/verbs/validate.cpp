#include "bench/verbs/validate.hpp"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "bench/clock.hpp"
#include "bench/pattern.hpp"

namespace migbench::verbs {
namespace {

std::uint64_t seed_of(int round, std::size_t slot) {
  return (static_cast<std::uint64_t>(round) << 32U) + slot;
}

/// Sends over several queue pairs arrive in any order, and nothing but their contents would tell
/// which is which: one at a time.
std::size_t messages_of(Connected& link) {
  const Settings& settings = link.settings();
  if (settings.operation == Operation::send && settings.qps > 1) return 1;
  return std::min(link.endpoint().layout().slots,
                  static_cast<std::size_t>(std::min(settings.depth, settings.receive_depth)));
}

class Round {
 public:
  Round(Connected& link, Traffic& traffic, Bytes size, int number)
      : link_(link),
        traffic_(traffic),
        size_(static_cast<std::size_t>(size.count)),
        number_(number),
        count_(messages_of(link)),
        active_((number % 2 == 0) == (link.side() == Side::client)),
        reads_(link.settings().operation == Operation::read) {}

  std::optional<std::string> play() {
    const bool writer = active_ != reads_;
    if (writer) {
      for (std::size_t slot = 0; slot < count_; ++slot)
        fill_pattern(sent(slot), seed_of(number_, slot));
    } else {
      for (std::size_t slot = 0; slot < link_.endpoint().layout().slots; ++slot)
        fill_spoilt(received(slot), seed_of(number_, slot));
    }
    link_.meet();
    const auto slots = transfer();
    link_.meet();
    return writer ? std::nullopt : check(slots);
  }

 private:
  std::span<std::byte> sent(std::size_t slot) {
    Endpoint& endpoint = link_.endpoint();
    return {endpoint.memory() + endpoint.layout().send_offset(slot), size_};
  }
  std::span<std::byte> received(std::size_t slot) {
    Endpoint& endpoint = link_.endpoint();
    return {endpoint.memory() + endpoint.layout().payload_offset(slot), size_};
  }

  /// Where the messages went, in their order. Only a send's receiver chooses that.
  std::vector<std::size_t> transfer() {
    std::vector<std::size_t> slots;
    traffic_.forget_slots();
    traffic_.keep_slots(true);
    if (active_) {
      for (std::size_t slot = 0; slot < count_; ++slot)
        traffic_.post_one(slot);
      traffic_.drain();
    } else if (receives(link_.settings().operation)) {
      while (traffic_.slots().size() < count_)
        (void)traffic_.reap();
      if (link_.settings().operation == Operation::send) slots = traffic_.slots();
    }
    traffic_.keep_slots(false);
    for (std::size_t slot = slots.size(); slot < count_; ++slot)
      slots.push_back(slot);
    return slots;
  }

  /// A write over UC has completed when it was sent: its end may still be on the way.
  bool arrived(std::size_t slot, std::size_t message) {
    const std::int64_t until = deadline_now_ns() + 1'000'000'000;
    const bool late = link_.settings().transport == Transport::uc;
    while (find_mismatch(received(slot), seed_of(number_, message))) {
      if (!late || deadline_now_ns() > until) return false;
    }
    return true;
  }

  std::optional<std::string> check(const std::vector<std::size_t>& slots) {
    for (std::size_t message = 0; message < count_; ++message) {
      if (arrived(slots[message], message)) continue;
      const auto wrong = find_mismatch(received(slots[message]), seed_of(number_, message));
      return fmt::format("{}, round {}, message {} of {}: byte {} of {} is wrong",
                         link_.side() == Side::client ? "client" : "server", number_ + 1,
                         message + 1, count_, wrong.value_or(0), size_);
    }
    return std::nullopt;
  }

  Connected& link_;
  Traffic& traffic_;
  std::size_t size_;
  int number_;
  std::size_t count_;
  bool active_;
  bool reads_;
};

}  // namespace

std::optional<std::string> find_corruption(Connected& link, Traffic& traffic, Bytes size) {
  std::optional<std::string> found;
  for (int round = 0; round < link.settings().validate; ++round) {
    const auto here = Round(link, traffic, size, round).play();
    if (here && !found) found = here;
  }
  link.control().send({{"wrong", found ? nlohmann::json(*found) : nlohmann::json()}});
  const nlohmann::json peer = link.control().receive(link.settings().deadline).at("wrong");
  if (!found && peer.is_string()) found = peer.get<std::string>();
  return found;
}

}  // namespace migbench::verbs
