// Numbers to compute with.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

namespace glassformer::testing_support {

// Deterministic, uneven numbers in [-2, 2].
inline std::vector<float> numbers(int64_t count, double seed) {
  std::vector<float> values(static_cast<size_t>(count));
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(2 * std::sin(seed + 12.9898 * static_cast<double>(i * i % 977)));
  }
  return values;
}

}  // namespace glassformer::testing_support
