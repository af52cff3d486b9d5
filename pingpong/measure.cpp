#include "pingpong/measure.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "bench/blocks.hpp"
#include "bench/clock.hpp"
#include "pingpong/exchange.hpp"
#include "pingpong/exchanges.hpp"
#include "pingpong/schedule.hpp"

namespace migbench::pingpong {
namespace {

std::size_t memory_for(const Options& options) {
  const std::size_t largest = options.sizes.back().count;
  return options.separate_buffers
             ? round_to_pages(largest) * static_cast<std::size_t>(options.window)
             : largest;
}

Proposal agree(const Team& team, const Proposal& mine) {
  const Ballot ballot = to_ballot(mine);
  std::array<std::int64_t, 2> votes{ballot.go_on, ballot.minus_samples};
  MPI_Allreduce(MPI_IN_PLACE, votes.data(), 2, MPI_INT64_T, MPI_MAX, team.players());
  return from_ballot({votes[0], votes[1]});
}

/// Iterations that are not recorded before each block of samples: the ranks leave the talk between
/// blocks at different times and with cold caches.
std::int64_t lead_in(std::int64_t warmup) {
  return std::clamp<std::int64_t>(warmup / 10, 1, 10);
}

/// The measurement as one rank sees it, for one exchange.
template <class Exchange>
class Run {
 public:
  Run(const Options& options, const Team& team, const Exchange& exchange, Recorder& recorder,
      Bytes size)
      : options_(options),
        team_(team),
        exchange_(exchange),
        recorder_(recorder),
        rule_(rule_for(options, size)),
        warmup_(warmup_for(options, size)) {}

  Measured whole() {
    warm_up();
    settle_batch();
    const std::int64_t start = now_ns();
    for (;;) {
      measured_.spent = Nanoseconds{now_ns() - start};
      const Proposal next = agree(team_, propose());
      if (!next.go_on) return measured_;
      repeat(lead_in(warmup_), exchange_);
      block(next.samples);
    }
  }

 private:
  [[nodiscard]] bool starts() const { return team_.role() == Role::starts; }

  /// The second half is timed, for a first guess of how long an iteration takes.
  void warm_up() {
    MPI_Barrier(team_.players());
    const std::int64_t guessed = std::max<std::int64_t>(1, warmup_ / 2);
    repeat(std::max<std::int64_t>(1, warmup_ - guessed), exchange_);
    const std::int64_t start = now_ns();
    repeat(guessed, exchange_);
    per_iteration_ns_ = static_cast<double>(now_ns() - start) / static_cast<double>(guessed);
  }

  void settle_batch() {
    if (options_.timing == Timing::iteration) return;
    measured_.per_sample = options_.batch;
    if (options_.batch > 0) return;
    Proposal proposal;
    if (starts()) proposal.samples = automatic_batch(rule_.budget, per_iteration_ns_);
    measured_.per_sample = agree(team_, proposal).samples;
  }

  Proposal propose() {
    if (!starts()) return {};
    const Step step = next_step(recorder_, rule_, measured_.spent,
                                per_iteration_ns_ * static_cast<double>(measured_.per_sample));
    measured_.stopped = step.stopped;
    return {step.stopped == Stopped::not_yet, step.samples};
  }

  void block(std::int64_t samples) {
    if (!starts()) {
      repeat(samples * measured_.per_sample, exchange_);
    } else if (options_.timing == Timing::iteration) {
      time_each(samples, exchange_, recorder_.store());
    } else {
      time_batches(samples, measured_.per_sample, exchange_, recorder_.store());
    }
  }

  const Options& options_;
  const Team& team_;
  const Exchange& exchange_;
  Recorder& recorder_;
  StoppingRule rule_;
  std::int64_t warmup_;
  double per_iteration_ns_ = 0;
  Measured measured_;
};

}  // namespace

MessageMemory::MessageMemory(const Options& options)
    : send_(memory_for(options)), receive_(memory_for(options)) {}

Measured measure(const Options& options, const Team& team, MessageMemory& memory,
                 Recorder& recorder, Bytes size) {
  std::vector<MPI_Request> requests(2 * static_cast<std::size_t>(options.window), MPI_REQUEST_NULL);
  const Link link{team.pair_comm(),
                  team.peer(),
                  static_cast<int>(size.count),
                  options.window,
                  memory.send().data(),
                  memory.receive().data(),
                  options.separate_buffers ? round_to_pages(size.count) : 0,
                  requests.data()};
  recorder.clear();
  Measured measured;
  with_exchange(options, team.role() == Role::starts, link, [&](const auto& exchange) {
    measured = Run(options, team, exchange, recorder, size).whole();
  });
  return measured;
}

}  // namespace migbench::pingpong
