// Simulated launches for tests of coverage; seeded, the same on every machine.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

#include "harness/stats/random.hpp"

namespace migbench {

enum class Weather {
  steady,  ///< lognormal, 5 %
  skewed,  ///< a long tail upwards, as launches on a shared machine have
  shared   ///< steady, and 10 % that a whole round shares
};

class Noise {
 public:
  Noise(std::uint64_t seed, Weather weather) : random_(seed), weather_(weather) {}

  double normal() {
    // Box and Muller (1958)
    const double radius = std::sqrt(-2 * std::log(1 - random_.uniform()));
    return radius * std::cos(2 * std::numbers::pi * random_.uniform());
  }
  double uniform() { return random_.uniform(); }

  void next_round() { round_ = weather_ == Weather::shared ? std::exp(0.1 * normal()) : 1; }
  double launch() {
    if (weather_ == Weather::skewed) return std::exp(0.05 * std::exp(0.7 * normal()));
    return round_ * std::exp(0.05 * normal());
  }

 private:
  Random random_;
  Weather weather_;
  double round_ = 1;
};

}  // namespace migbench
