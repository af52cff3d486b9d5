#include "apps/npb/cfd.hpp"

namespace migbench::npb {
namespace {

/// RNR-94-007, section 3.3.2: for each component the constant, then the coefficients of xi, eta,
/// zeta, and so on up to the fourth powers.
constexpr std::array<std::array<double, 13>, 5> kExact{{
    {2, 0, 0, 4, 5, 3, 0.5, 0.02, 0.01, 0.03, 0.5, 0.4, 0.3},
    {1, 0, 0, 0, 1, 2, 3, 0.01, 0.03, 0.02, 0.4, 0.3, 0.5},
    {2, 2, 0, 0, 0, 2, 3, 0.04, 0.03, 0.05, 0.3, 0.5, 0.4},
    {2, 2, 0, 0, 0, 2, 3, 0.03, 0.05, 0.04, 0.2, 0.1, 0.3},
    {5, 4, 3, 2, 0.1, 0.4, 0.3, 0.05, 0.04, 0.03, 0.1, 0.3, 0.2},
}};

double without_constant(const std::array<double, 13>& c, std::size_t variable, double value) {
  return value * (c[1 + variable] +
                  value * (c[4 + variable] + value * (c[7 + variable] + value * c[10 + variable])));
}

}  // namespace

Five exact_solution(double xi, double eta, double zeta) {
  Five value{};
  for (std::size_t m = 0; m < 5; ++m)
    value[m] = kExact[m][0] + without_constant(kExact[m], 0, xi) +
               without_constant(kExact[m], 1, eta) + without_constant(kExact[m], 2, zeta);
  return value;
}

Five initial_value(double xi, double eta, double zeta) {
  const auto on_face = [](double coordinate) { return coordinate == 0 || coordinate == 1; };
  if (on_face(xi) || on_face(eta) || on_face(zeta)) return exact_solution(xi, eta, zeta);
  const Five west = exact_solution(0, eta, zeta);
  const Five east = exact_solution(1, eta, zeta);
  const Five south = exact_solution(xi, 0, zeta);
  const Five north = exact_solution(xi, 1, zeta);
  const Five bottom = exact_solution(xi, eta, 0);
  const Five top = exact_solution(xi, eta, 1);
  Five value{};
  for (std::size_t m = 0; m < 5; ++m) {
    const double x = xi * east[m] + (1 - xi) * west[m];
    const double y = eta * north[m] + (1 - eta) * south[m];
    const double z = zeta * top[m] + (1 - zeta) * bottom[m];
    value[m] = x + y + z - x * y - x * z - y * z + x * y * z;
  }
  return value;
}

std::array<double, 5> dissipation_line(int points, int at) {
  std::array<double, 5> fourth{1, -4, 6, -4, 1};
  // At the outermost two inner points the five-point line would leave the grid.
  if (at == 1) fourth = {0, 0, 5, -4, 1};
  if (at == 2) fourth = {0, -4, 6, -4, 1};
  if (at == points - 3) fourth = {1, -4, 6, -4, 0};
  if (at == points - 2) fourth = {1, -4, 5, 0, 0};
  return fourth;
}

std::array<double, 5> line_coefficients(const CfdAxis& axis, int points, int at) {
  const auto fourth = dissipation_line(points, at);
  std::array<double, 5> coefficients{};
  constexpr std::array<double, 5> second{0, 1, -2, 1, 0};
  for (std::size_t point = 0; point < 5; ++point)
    coefficients[point] =
        axis.diffusion * axis.second * second[point] - kDissipation * fourth[point];
  return coefficients;
}

}  // namespace migbench::npb
