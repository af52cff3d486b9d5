#include "apps/npb/is_keys.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

namespace migbench::npb {
namespace {

constexpr int kCounterBits = 11;  // 2^11 counters of 4 bytes: a quarter of a first-level cache
// Two keys of one bucket in a row wait for each other's pointer in scatter(), which more buckets
// make rarer, up to where their ends no longer fit into that cache; each has enough counters left
// to be worth its loop.
constexpr int kBucketBits = 9;
constexpr int kFewestCounterBits = 6;

int bucket_bits(int log2_largest_key, int ranks) {
  // Enough buckets to share them out evenly too.
  const int for_sharing = static_cast<int>(std::bit_width(static_cast<unsigned>(ranks - 1))) + 5;
  const int usual = std::min(kBucketBits, log2_largest_key - kFewestCounterBits);
  const int at_least = std::max({log2_largest_key - kCounterBits, usual, 5});
  return std::min(log2_largest_key, ranks == 1 ? at_least : std::max(at_least, for_sharing));
}

/// Keys that travel lie in huge pages, however few they are: MPI copies them from one process's
/// memory into another's, for which the kernel looks up each page.
Array<std::uint16_t> room_for(std::size_t keys) {
  return Array<std::uint16_t>(std::max(keys, (std::size_t{2} << 20U) / sizeof(std::uint16_t)));
}

}  // namespace

IsRanker::IsRanker(const Run& run, const IsClass& problem, Phases& phases)
    : comm_(run.comm),
      rank_(run.rank),
      ranks_(run.ranks),
      phases_(phases),
      bucketing_(phases.add("sort into buckets", Spent::computing)),
      counting_(phases.add("count keys", Spent::computing)),
      exchanging_(phases.add("exchange keys", Spent::communicating)),
      low_bits_(problem.log2_largest_key - bucket_bits(problem.log2_largest_key, run.ranks)),
      buckets_(std::size_t{1} << static_cast<unsigned>(problem.log2_largest_key - low_bits_)),
      sizes_(buckets_),
      totals_(buckets_),
      first_bucket_(static_cast<std::size_t>(run.ranks) + 1),
      scattered_(room_for((std::size_t{1} << static_cast<unsigned>(problem.log2_keys)) /
                          static_cast<std::size_t>(run.ranks))),
      sources_(static_cast<std::size_t>(run.ranks)),
      counts_(std::size_t{1} << static_cast<unsigned>(low_bits_)) {}

void IsRanker::count_buckets(const Array<Key>& keys) {
  // Several sets of counters, since equal buckets in a row would wait for each other's stores.
  constexpr std::size_t sets = 4;
  std::vector<std::uint32_t> counts(sets * buckets_);
  const auto shift = static_cast<unsigned>(low_bits_);
  for (std::size_t at = 0; at < keys.size(); at += sets)
    for (std::size_t set = 0; set < sets; ++set)
      ++counts[set * buckets_ + static_cast<std::size_t>(keys[at + set] >> shift)];
  for (std::size_t bucket = 0; bucket < buckets_; ++bucket) {
    sizes_[bucket] = 0;
    for (std::size_t set = 0; set < sets; ++set)
      sizes_[bucket] += counts[set * buckets_ + bucket];
  }
}

/// Bucket ranges of about equally many keys for the processes.
void IsRanker::share_buckets() {
  const std::int64_t all = std::reduce(totals_.begin(), totals_.end(), std::int64_t{0});
  std::size_t bucket = 0;
  std::int64_t given = 0;
  for (int process = 0; process < ranks_; ++process) {
    first_bucket_[static_cast<std::size_t>(process)] = bucket;
    if (process == rank_) below_range_ = given;
    for (; bucket < buckets_ && given < all * (process + 1) / ranks_; ++bucket)
      given += totals_[bucket];
  }
  first_bucket_.back() = buckets_;
}

void IsRanker::scatter(const Array<Key>& keys) {
  std::vector<std::uint32_t> next(buckets_);
  std::uint32_t start = 0;
  for (std::size_t bucket = 0; bucket < buckets_; ++bucket) {
    next[bucket] = start;
    start += static_cast<std::uint32_t>(sizes_[bucket]);
  }
  const auto shift = static_cast<unsigned>(low_bits_);
  const std::uint32_t mask = (1U << shift) - 1;
  std::uint16_t* const to = scattered_.data();
  // Some keys are read before the first of them is written: the processor would guess anew each
  // time whether a read depends on the writes before it. And there are more buckets than the
  // hardware follows streams, so that the lines they will grow into are asked for.
  constexpr std::size_t together = 8;
  constexpr std::ptrdiff_t ahead = 64;
  for (std::size_t at = 0; at < keys.size(); at += together) {
    std::array<std::uint32_t, together> some{};
    for (std::size_t k = 0; k < together; ++k)
      some[k] = static_cast<std::uint32_t>(keys[at + k]);
    for (const std::uint32_t key : some) {
      std::uint16_t* const place = to + next[key >> shift]++;
      *place = static_cast<std::uint16_t>(key & mask);
      __builtin_prefetch(place + ahead, 1);
    }
  }
}

/// Every process's keys of this process's buckets: its own stay where they are.
void IsRanker::exchange() {
  const auto processes = static_cast<std::size_t>(ranks_);
  const auto self = static_cast<std::size_t>(rank_);
  const auto first = [&](std::size_t process) { return first_bucket_[process]; };
  const std::size_t own = first(self + 1) - first(self);
  std::vector<int> send(processes), send_at(processes), receive(processes), receive_at(processes);
  // How many keys of each bucket come from each process ...
  for (std::size_t p = 0; p < processes; ++p) {
    send_at[p] = static_cast<int>(first(p));
    send[p] = static_cast<int>(first(p + 1) - first(p));
    receive[p] = static_cast<int>(own);
    receive_at[p] = static_cast<int>(own * p);
  }
  source_sizes_.resize(own * processes);
  MPI_Alltoallv(sizes_.data(), send.data(), send_at.data(), MPI_INT64_T, source_sizes_.data(),
                receive.data(), receive_at.data(), MPI_INT64_T, comm_);
  // ... then the keys.
  const auto sum_of = [](const std::int64_t* from, std::size_t count) {
    return std::reduce(from, from + count, std::int64_t{0});
  };
  std::int64_t sent = 0;
  std::int64_t received = 0;
  for (std::size_t p = 0; p < processes; ++p) {
    const std::int64_t to_p = sum_of(sizes_.data() + first(p), first(p + 1) - first(p));
    const std::int64_t from_p = p == self ? 0 : sum_of(&source_sizes_[own * p], own);
    if (p == self) sources_[p] = scattered_.data() + sent;
    send[p] = p == self ? 0 : static_cast<int>(to_p);
    receive[p] = static_cast<int>(from_p);
    send_at[p] = static_cast<int>(sent);
    receive_at[p] = static_cast<int>(received);
    sent += to_p;
    received += from_p;
  }
  // An eighth more than needed: iterations differ by a few keys.
  if (const auto needed = static_cast<std::size_t>(received); received_.size() < needed)
    received_ = room_for(needed + needed / 8);
  MPI_Alltoallv(scattered_.data(), send.data(), send_at.data(), MPI_UINT16_T, received_.data(),
                receive.data(), receive_at.data(), MPI_UINT16_T, comm_);
  for (std::size_t p = 0; p < processes; ++p)
    if (p != self) sources_[p] = received_.data() + receive_at[p];
}

void IsRanker::count_keys() {
  const auto process = static_cast<std::size_t>(rank_);
  const std::size_t own = first_bucket_[process + 1] - first_bucket_[process];
  auto next = sources_;
  below_.resize(own * counts_.size());
  std::uint32_t below = 0;
  std::uint32_t* to = below_.data();
  for (std::size_t bucket = 0; bucket < own; ++bucket) {
    std::fill(counts_.begin(), counts_.end(), 0U);
    for (std::size_t from = 0; from < next.size(); ++from) {
      const std::uint16_t* end = next[from] + source_sizes_[from * own + bucket];
      for (; next[from] != end; ++next[from])
        ++counts_[*next[from]];
    }
    for (const std::uint32_t count : counts_) {
      *to++ = below;
      below += count;
    }
  }
}

void IsRanker::rank(const Array<Key>& keys) {
  {
    const PhaseScope scope(phases_, bucketing_);
    count_buckets(keys);
  }
  if (ranks_ == 1) {
    totals_ = sizes_;
  } else {
    const PhaseScope scope(phases_, exchanging_);
    MPI_Allreduce(sizes_.data(), totals_.data(), static_cast<int>(buckets_), MPI_INT64_T, MPI_SUM,
                  comm_);
  }
  share_buckets();
  {
    const PhaseScope scope(phases_, bucketing_);
    scatter(keys);
  }
  if (ranks_ == 1) {
    source_sizes_ = sizes_;
    sources_ = {scattered_.data()};
  } else {
    const PhaseScope scope(phases_, exchanging_);
    exchange();
  }
  const PhaseScope scope(phases_, counting_);
  count_keys();
}

Key IsRanker::low_key() const {
  return static_cast<Key>(first_bucket_[static_cast<std::size_t>(rank_)]
                          << static_cast<unsigned>(low_bits_));
}

std::int64_t IsRanker::rank_of(Key key) const {
  const std::int64_t at = key - low_key();
  if (at < 0 || at >= static_cast<std::int64_t>(below_.size())) return -1;
  return below_range_ + below_[static_cast<std::size_t>(at)];
}

bool IsRanker::sorted_by_ranks(const Array<Key>& keys) const {
  // Where each key of this range would be put, by its rank; the last rank written must fill the
  // place right before the next key's.
  const auto process = static_cast<std::size_t>(rank_);
  const std::size_t own = first_bucket_[process + 1] - first_bucket_[process];
  const auto count =
      static_cast<std::size_t>(std::reduce(source_sizes_.begin(), source_sizes_.end()));
  std::vector<Key> sorted(count, -1);
  auto next = below_;
  std::int64_t sum = 0;
  bool good = true;
  for (std::size_t from = 0; from < sources_.size(); ++from) {
    const std::uint16_t* key = sources_[from];
    for (std::size_t bucket = 0; bucket < own; ++bucket)
      for (std::int64_t left = source_sizes_[from * own + bucket]; left > 0; --left, ++key) {
        const std::size_t at = bucket * counts_.size() + *key;
        const auto place = static_cast<std::size_t>(next[at]++);
        good = good && place < sorted.size();
        if (good) sorted[place] = low_key() + static_cast<Key>(at);
        sum += low_key() + static_cast<Key>(at);
      }
  }
  good = good && std::is_sorted(sorted.begin(), sorted.end()) &&
         (sorted.empty() || sorted.front() >= 0);
  for (std::size_t at = 0; at < keys.size(); ++at)
    sum -= keys[at];
  std::array<std::int64_t, 2> own_sums{sum, good ? 0 : 1};
  std::array<std::int64_t, 2> all{};
  MPI_Allreduce(own_sums.data(), all.data(), 2, MPI_INT64_T, MPI_SUM, comm_);
  return all[0] == 0 && all[1] == 0;
}

}  // namespace migbench::npb
