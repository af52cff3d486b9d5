#include "apps/npb/mg_charges.hpp"

#include <algorithm>
#include <vector>

#include "apps/npb/random.hpp"

namespace migbench::npb {
namespace {

constexpr std::size_t kCharges = 10;  // of each sign

struct Candidate {
  double value;
  double index;  ///< of the point in the whole grid; exact below 2^53, and sent as a double
};

/// The first ten in the order of `before`, of this process's points.
template <class Before>
class Best {
 public:
  explicit Best(Before before) : before_(before) {}
  void offer(const Candidate& candidate) {
    if (list_.size() == kCharges && !before_(candidate, list_.back())) return;
    list_.insert(std::upper_bound(list_.begin(), list_.end(), candidate, before_), candidate);
    if (list_.size() > kCharges) list_.pop_back();
  }
  /// The first ten of all processes' points.
  [[nodiscard]] std::vector<Candidate> everywhere(MPI_Comm comm) const {
    int ranks = 1;
    MPI_Comm_size(comm, &ranks);
    // A process with fewer points than that has none twice: an index of -1 is no point.
    auto own = list_;
    own.resize(kCharges, {0, -1});
    std::vector<Candidate> all(kCharges * static_cast<std::size_t>(ranks));
    constexpr int doubles = 2 * kCharges;
    MPI_Allgather(own.data(), doubles, MPI_DOUBLE, all.data(), doubles, MPI_DOUBLE, comm);
    std::erase_if(all, [](const Candidate& candidate) { return candidate.index < 0; });
    std::sort(all.begin(), all.end(), before_);
    all.resize(kCharges);
    return all;
  }

 private:
  Before before_;
  std::vector<Candidate> list_;
};

void place(const MgShape& shape, const std::vector<Candidate>& points, double charge,
           Array<double>& field) {
  for (const Candidate& point : points) {
    const auto index = static_cast<Index>(point.index);
    const Index y = index / shape.points % shape.points - shape.low[0];
    const Index z = index / (shape.points * shape.points) - shape.low[1];
    if (y >= 0 && y < shape.ny && z >= 0 && z < shape.nz)
      field[shape.at(y, z) + index % shape.points] = charge;
  }
}

}  // namespace

void place_charges(const MgShape& shape, MPI_Comm comm, Array<double>& field) {
  Best largest([](const Candidate& a, const Candidate& b) { return a.value > b.value; });
  Best smallest([](const Candidate& a, const Candidate& b) { return a.value < b.value; });
  for (Index z = 0; z < shape.nz; ++z)
    for (Index y = 0; y < shape.ny; ++y) {
      const Index first = ((shape.low[1] + z) * shape.points + shape.low[0] + y) * shape.points;
      Random random(kRandomSeed, static_cast<std::uint64_t>(first));
      for (Index x = 0; x < shape.points; ++x) {
        const Candidate candidate{random.next(), static_cast<double>(first + x)};
        largest.offer(candidate);
        smallest.offer(candidate);
      }
    }
  std::fill_n(field.data(), field.size(), 0.0);
  place(shape, smallest.everywhere(comm), -1, field);
  place(shape, largest.everywhere(comm), 1, field);
}

}  // namespace migbench::npb
