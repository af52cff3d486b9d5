#include "apps/npb/lu_shape.hpp"

namespace migbench::npb {
LuShape::LuShape(Index x, Index y, Index z, Index j_low)
    : nx(x),
      ny(y),
      nz(z),
      row(whole_vectors(y + 4)),
      plane(row * (x + y + 8)),
      component(plane * (z + 2) + Index{2} * kLanes),
      before(kMargin - j_low) {
  // Components a multiple of 4 KiB apart would all want the same few lines of a cache.
  constexpr Index line = 8;
  component = (component + line - 1) / line * line;
  while (component / line % 64 != 13 && component / line % 64 != 37)
    component += line;
}

}  // namespace migbench::npb
