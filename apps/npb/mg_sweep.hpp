// Steps of MG that follow each other, carried out together plane by plane: what one step makes of a
// plane is used by the next while it is in the cache, and the residual, which is only passed on,
// never goes to memory. A cycle on the finest grid reads and writes some 5 fields so, and 14 step
// by step.
#pragma once

#include "apps/npb/mg_level.hpp"

namespace migbench::npb {

class MgSweep {
 public:
  /// For levels up to this shape.
  MgSweep(const MgShape& largest, MgBorders& borders);

  /// Whether a level can be swept: its planes must be whole on a process, and some of them there.
  [[nodiscard]] static bool fits(const MgShape& shape);

  /// The squares of v - A u, summed up.
  double residual_squares(const MgShape& shape, const Array<double>& u, const Array<double>& v);
  /// coarse = full weighting of v - A u, whose squares are summed up and returned where `squares`.
  double restrict_residual(const MgShape& shape, const Array<double>& u, const Array<double>& v,
                           const MgShape& coarse_shape, std::array<Index, 2> offset,
                           Array<double>& coarse, bool squares);

  struct Correction {
    const MgShape& coarse_shape;
    std::array<Index, 2> offset;
    const Array<double>& coarse;
    const Four& weights;
    bool fresh;  ///< u is nothing yet
  };
  /// u += interpolation of coarse (or =), r = v - A u, u += S r; then u's borders.
  void correct(const MgShape& shape, const Correction& with, const Array<double>& v,
               Array<double>& u);

 private:
  /// Points (0, 0) of planes that are kept: r's first and last, the neighbours' beside them, and
  /// the three in turn.
  struct Kept {
    double* first;
    double* last;
    double* below;
    double* above;
    std::array<double*, 3> turn;
  };
  Kept kept(const MgShape& shape);
  void exchange(const MgShape& shape, Kept& planes);

  MgBorders& borders_;
  Array<double> memory_;
};

}  // namespace migbench::npb
