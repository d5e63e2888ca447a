#include "core/simd_math.h"

#include <gtest/gtest.h>

#include <cmath>

namespace glassformer::simd {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(SimdExp, IsCloseToTheTrueValueEverywhere) {
  double worst = 0;
  for (float x = -86.5f; x < 88.7f; x += 0.00137f) {
    const double expected = std::exp(double{x});
    worst = std::max(worst, std::abs(exp(splat(x))[1] - expected) / expected);
  }
  EXPECT_LT(worst, 2e-7);
  for (float x = 1; x > 1e-30f; x /= 3) {
    EXPECT_NEAR(exp(splat(-x))[0], std::exp(-double{x}), 1.2e-7);
  }
}

TEST(SimdExp, TreatsEveryLaneAlone) {
  const F32x4 e = exp(F32x4{0, -kInfinity, kInfinity, 1});
  EXPECT_EQ(e[0], 1.0f);
  EXPECT_EQ(e[1], 0.0f);
  EXPECT_EQ(e[2], kInfinity);
  EXPECT_NEAR(e[3], std::exp(1.0), 3e-7);
}

TEST(SimdExp, EndsInZeroAndInfinity) {
  EXPECT_EQ(exp(splat(-86.6f))[0], 0.0f);
  EXPECT_GT(exp(splat(-86.5f))[0], 0.0f);
  EXPECT_TRUE(std::isfinite(exp(splat(88.72f))[0]));
  EXPECT_EQ(exp(splat(88.73f))[0], kInfinity);
  EXPECT_EQ(exp(splat(1e38f))[0], kInfinity);
  EXPECT_EQ(exp(splat(-1e38f))[0], 0.0f);
  EXPECT_TRUE(std::isnan(exp(splat(NAN))[0]));
}

TEST(SimdSums, AddsEachVector) {
  const F32x4 s =
      sums(F32x4{1, 2, 3, 4}, F32x4{10, 20, 30, 40}, F32x4{5, 5, 5, 5}, F32x4{-1, 0, 0, 0});
  EXPECT_EQ(s[0], 10);
  EXPECT_EQ(s[1], 100);
  EXPECT_EQ(s[2], 20);
  EXPECT_EQ(s[3], -1);
}

}  // namespace
}  // namespace glassformer::simd
