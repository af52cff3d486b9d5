#include "pingpong/validate.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "bench/pattern.hpp"
#include "pingpong/buffer.hpp"
#include "pingpong/exchange.hpp"
#include "pingpong/exchanges.hpp"

namespace migbench::pingpong {
namespace {

/// A window's messages have their own buffers here, so their number is held to what this takes.
constexpr std::size_t kMostMemory = 32UL << 20U;

int validated_window(const Options& options, Bytes size) {
  const std::size_t fit = kMostMemory / round_to_pages(std::max<std::size_t>(size.count, 1));
  return std::clamp(options.window, 1, static_cast<int>(std::max<std::size_t>(fit, 1)));
}

/// A seed of its own for every message of every round in every direction.
std::uint64_t seed_of(int round, int slot, bool from_first) {
  return (static_cast<std::uint64_t>(round) << 32U) + (static_cast<std::uint64_t>(slot) << 1U) +
         (from_first ? 1U : 0U);
}

struct Slots {
  explicit Slots(const Link& link)
      : size(static_cast<std::size_t>(link.size)), count(link.window), stride(link.stride) {}
  [[nodiscard]] std::span<std::byte> at(std::byte* base, int slot) const {
    return {base + static_cast<std::size_t>(slot) * stride, size};
  }
  std::size_t size;
  int count;
  std::size_t stride;
};

void prepare(const Link& link, int round, bool first) {
  const Slots slots(link);
  for (int slot = 0; slot < slots.count; ++slot) {
    fill_pattern(slots.at(link.send, slot), seed_of(round, slot, first));
    fill_spoilt(slots.at(link.receive, slot), seed_of(round, slot, !first));
  }
}

std::optional<std::string> check(const Link& link, int round, bool first) {
  const Slots slots(link);
  for (int slot = 0; slot < slots.count; ++slot) {
    const auto wrong = find_mismatch(slots.at(link.receive, slot), seed_of(round, slot, !first));
    if (!wrong) continue;
    return fmt::format("message {} of {} in round {}: byte {} of {} is wrong", slot + 1,
                       slots.count, round + 1, *wrong, slots.size);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> find_corruption(const Options& options, const Team& team, Bytes size) {
  const int window = validated_window(options, size);
  const std::size_t stride = round_to_pages(std::max<std::size_t>(size.count, 1));
  const Buffer send(stride * static_cast<std::size_t>(window));
  const Buffer receive(stride * static_cast<std::size_t>(window));
  std::vector<MPI_Request> requests(2 * static_cast<std::size_t>(window), MPI_REQUEST_NULL);
  const Link link{team.pair_comm(), team.peer(),    static_cast<int>(size.count),
                  window,           send.data(),    receive.data(),
                  stride,           requests.data()};
  const bool first = team.role() == Role::starts;
  std::optional<std::string> found;
  // A window in one direction only checks one rank's buffers: every other round runs the other way.
  const bool one_way = options.mode == Mode::bandwidth && !options.bidirectional;
  for (int round = 0; round < options.validate; ++round) {
    const bool starts = one_way && round % 2 == 1 ? !first : first;
    prepare(link, round, first);
    with_exchange(options, starts, link, [](const auto& exchange) { exchange(); });
    const bool received = !one_way || !starts;
    if (received && !found) found = check(link, round, first);
  }
  return found;
}

}  // namespace migbench::pingpong
