// Comparison of tensors, with the tolerances of the whole project.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>

namespace glassformer::testing_support {

// float32 arithmetic against a float64 reference: sums of hundreds of products, each rounded to
// 6e-8, through up to a dozen layers. Relative to the tensor's largest value.
inline constexpr double kReferenceTolerance = 1e-4;

// Two float32 computations of the same sum in another order.
inline constexpr double kReorderingTolerance = 1e-5;

// Whether all elements agree within tolerance * the largest finite expected value; infinities must
// be equal.
inline ::testing::AssertionResult all_near(std::span<const float> actual,
                                           std::span<const float> expected, double tolerance) {
  if (actual.size() != expected.size()) {
    return ::testing::AssertionFailure()
           << actual.size() << " elements instead of " << expected.size();
  }
  double largest = 0;
  for (const float value : expected) {
    if (std::isfinite(value)) largest = std::max(largest, std::abs(double{value}));
  }
  for (size_t i = 0; i < actual.size(); ++i) {
    if (actual[i] == expected[i]) continue;
    // Written so that a NaN fails.
    if (!(std::abs(double{actual[i]} - double{expected[i]}) <= tolerance * largest)) {
      return ::testing::AssertionFailure()
             << "element " << i << " is " << actual[i] << " instead of " << expected[i]
             << "; the largest is " << largest;
    }
  }
  return ::testing::AssertionSuccess();
}

}  // namespace glassformer::testing_support
