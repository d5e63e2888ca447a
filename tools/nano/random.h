// Random numbers that are the same on every machine, unlike those of the standard library's
// distributions.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

namespace glassformer::nano {

// SplitMix64 (Steele, Lea and Flood 2014).
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t next() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }

  // In [0, 1), of 53 bits.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

  // In [0, count), count > 0.
  int below(int count) { return static_cast<int>(uniform() * count); }

  // Mean 0, standard deviation 1 (Box and Muller 1958).
  double normal() {
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }

 private:
  uint64_t state_;
};

}  // namespace glassformer::nano
