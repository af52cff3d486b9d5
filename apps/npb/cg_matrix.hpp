// CG's random sparse matrix and its blocks over the processes.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "apps/npb/array.hpp"
#include "apps/npb/verification.hpp"

namespace migbench::npb {

/// Rows and columns [low, high) of the whole matrix.
struct CgBlock {
  std::int64_t row_low, row_high, column_low, column_high;
  [[nodiscard]] std::int64_t rows() const { return row_high - row_low; }
  [[nodiscard]] std::int64_t columns() const { return column_high - column_low; }
};

/// A block in compressed rows; columns count from the block's first. Indices of 16 bits where they
/// suffice: the product is bound by memory, and a sixth of what it reads is saved.
class CgMatrix {
 public:
  CgMatrix(const CgClass& problem, const CgBlock& block);
  /// out[rows] = block times in[columns].
  void multiply(const double* in, double* out) const;
  [[nodiscard]] std::size_t nonzeros() const { return values_.size(); }

 private:
  struct Entry {
    std::uint32_t column;
    double value;
  };
  void store(std::vector<std::vector<Entry>>& rows);
  template <class Number>
  void multiply_with(const Array<Number>& columns, const double* in, double* out) const;

  CgBlock block_;
  std::vector<std::size_t> row_start_;
  Array<double> values_;
  Array<std::uint16_t> short_columns_;  ///< one of the two is empty
  Array<std::uint32_t> long_columns_;
};

}  // namespace migbench::npb
