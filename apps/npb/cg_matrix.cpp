#include "apps/npb/cg_matrix.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "apps/npb/random.hpp"

namespace migbench::npb {
namespace {

constexpr double kCondition = 0.1;  // rcond: 1 over the condition number, NAS-95-020, section 2.3

struct Element {
  std::int64_t at;
  double value;
};

/// The random sparse vectors whose weighted outer products make up the matrix.
class VectorSource {
 public:
  explicit VectorSource(const CgClass& problem)
      : rows_(problem.rows),
        elements_(static_cast<std::size_t>(problem.nonzeros_per_row)),
        scale_(static_cast<double>(std::bit_ceil(static_cast<unsigned>(problem.rows)))) {}

  /// The next vector: random elements at random places, each place once; 1/2 at `diagonal`.
  const std::vector<Element>& next(std::int64_t diagonal) {
    vector_.clear();
    while (vector_.size() < elements_) {
      const double value = random_.next();
      const auto at = static_cast<std::int64_t>(scale_ * random_.next());
      if (at < rows_ && find(at) == vector_.end()) vector_.push_back({at, value});
    }
    if (const auto found = find(diagonal); found != vector_.end())
      found->value = 0.5;
    else
      vector_.push_back({diagonal, 0.5});
    return vector_;
  }

 private:
  std::vector<Element>::iterator find(std::int64_t at) {
    return std::find_if(vector_.begin(), vector_.end(),
                        [&](const Element& element) { return element.at == at; });
  }
  std::int64_t rows_;
  std::size_t elements_;
  double scale_;
  Random random_{kRandomSeed, 1};  // the first number is drawn before the matrix is made
  std::vector<Element> vector_;
};

}  // namespace

CgMatrix::CgMatrix(const CgClass& problem, const CgBlock& block) : block_(block) {
  std::vector<std::vector<Entry>> rows(static_cast<std::size_t>(block.rows()));
  const auto in_columns = [&](std::int64_t at) {
    return at >= block.column_low && at < block.column_high;
  };
  VectorSource source(problem);
  const double ratio = std::pow(kCondition, 1.0 / problem.rows);
  double weight = 1;
  for (std::int64_t i = 0; i < problem.rows; ++i, weight *= ratio) {
    const auto& vector = source.next(i);
    for (const Element& row : vector) {
      if (row.at < block.row_low || row.at >= block.row_high) continue;
      auto& entries = rows[static_cast<std::size_t>(row.at - block.row_low)];
      for (const Element& column : vector)
        if (in_columns(column.at))
          entries.push_back({static_cast<std::uint32_t>(column.at - block.column_low),
                             row.value * (column.value * weight)});
    }
  }
  for (std::int64_t row = block.row_low; row < block.row_high; ++row)
    if (in_columns(row))
      rows[static_cast<std::size_t>(row - block.row_low)].push_back(
          {static_cast<std::uint32_t>(row - block.column_low), kCondition - problem.shift});
  store(rows);
}

void CgMatrix::store(std::vector<std::vector<Entry>>& rows) {
  std::size_t nonzeros = 0;
  for (auto& row : rows) {
    std::stable_sort(row.begin(), row.end(),
                     [](const Entry& a, const Entry& b) { return a.column < b.column; });
    std::size_t kept = 0;
    for (const Entry& entry : row) {
      if (kept > 0 && row[kept - 1].column == entry.column)
        row[kept - 1].value += entry.value;
      else
        row[kept++] = entry;
    }
    row.resize(kept);
    nonzeros += kept;
  }
  const bool fits = block_.columns() <= std::numeric_limits<std::uint16_t>::max() + 1;
  values_ = Array<double>(nonzeros);
  short_columns_ = Array<std::uint16_t>(fits ? nonzeros : 0);
  long_columns_ = Array<std::uint32_t>(fits ? 0 : nonzeros);
  std::size_t at = 0;
  for (const auto& row : rows) {
    row_start_.push_back(at);
    for (const Entry& entry : row) {
      values_[at] = entry.value;
      if (fits)
        short_columns_[at] = static_cast<std::uint16_t>(entry.column);
      else
        long_columns_[at] = entry.column;
      ++at;
    }
  }
  row_start_.push_back(at);
}

template <class Number>
void CgMatrix::multiply_with(const Array<Number>& columns, const double* in, double* out) const {
  const double* value = values_.data();
  const Number* column = columns.data();
  for (std::size_t row = 0; row + 1 < row_start_.size(); ++row) {
    const std::size_t end = row_start_[row + 1];
    std::size_t at = row_start_[row];
    // Four chains of additions, since one would wait for its own latency at every element.
    std::array<double, 4> sums{};
    for (; at + 4 <= end; at += 4)
      for (std::size_t chain = 0; chain < 4; ++chain)
        sums[chain] += value[at + chain] * in[column[at + chain]];
    for (; at < end; ++at)
      sums[0] += value[at] * in[column[at]];
    out[row] = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  }
}

void CgMatrix::multiply(const double* in, double* out) const {
  if (short_columns_.size() > 0)
    multiply_with(short_columns_, in, out);
  else
    multiply_with(long_columns_, in, out);
}

}  // namespace migbench::npb
