// IS's keys and how they are spread over buckets and processes.
#pragma once

#include <cstdint>
#include <vector>

#include <mpi.h>

#include "apps/npb/array.hpp"
#include "apps/npb/kernel.hpp"
#include "apps/npb/phases.hpp"
#include "apps/npb/verification.hpp"

namespace migbench::npb {

using Key = std::int32_t;

/// Ranks integer keys: buckets by the keys' high bits, whole buckets to processes, counting inside
/// them. A bucket's counters fit into the first-level cache, and what is left of a key there fits
/// into 16 bits.
class IsRanker {
 public:
  IsRanker(const Run& run, const IsClass& problem, Phases& phases);
  /// Numbers of keys in all processes below each key of this process's range.
  void rank(const Array<Key>& keys);
  /// The number of keys below `key`, or -1 where another process has its range.
  [[nodiscard]] std::int64_t rank_of(Key key) const;
  /// Whether the keys, put where their ranks say, are in order, and none was lost. Collective.
  [[nodiscard]] bool sorted_by_ranks(const Array<Key>& keys) const;

 private:
  void count_buckets(const Array<Key>& keys);
  void share_buckets();
  void scatter(const Array<Key>& keys);
  void exchange();
  void count_keys();
  [[nodiscard]] Key low_key() const;

  MPI_Comm comm_;
  int rank_, ranks_;
  Phases& phases_;
  Phases::Id bucketing_, counting_, exchanging_;
  int low_bits_;
  std::size_t buckets_;
  std::vector<std::int64_t> sizes_;        ///< of this process's buckets
  std::vector<std::int64_t> totals_;       ///< over all processes
  std::vector<std::size_t> first_bucket_;  ///< [process], one more at the end
  Array<std::uint16_t> scattered_;         ///< this process's keys, bucket by bucket
  Array<std::uint16_t> received_;  ///< the others' keys; grows when there is too little room
  /// Where each process's keys of this process's buckets are, and how many of each bucket.
  std::vector<const std::uint16_t*> sources_;  ///< [process]
  std::vector<std::int64_t> source_sizes_;     ///< [process][bucket of this process]
  std::vector<std::uint32_t> below_;  ///< [key - low_key()]: keys below it in this range, < 2^32
  std::vector<std::uint32_t> counts_;
  std::int64_t below_range_ = 0;  ///< keys in the ranges before
};

}  // namespace migbench::npb
