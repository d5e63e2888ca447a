// Elementary functions of four floats at a time.
#pragma once

#include <cstdint>
#include <limits>

#include "core/simd.h"

namespace glassformer::simd {

typedef int32_t I32x4 __attribute__((vector_size(16)));

// yes where the mask is set (a comparison gives all ones), no elsewhere.
inline F32x4 select(I32x4 mask, F32x4 yes, F32x4 no) {
  return (F32x4)(((I32x4)yes & mask) | ((I32x4)no & ~mask));
}

inline F32x4 larger(F32x4 a, F32x4 b) { return select(a > b, a, b); }

inline float largest_lane(F32x4 v) {
  const float low = v[0] > v[1] ? v[0] : v[1], high = v[2] > v[3] ? v[2] : v[3];
  return low > high ? low : high;
}

// The largest of x, which is not empty.
inline float largest(const float* x, int64_t size) {
  F32x4 lanes = splat(x[0]);
  int64_t i = 0;
  for (; i + 4 <= size; i += 4) lanes = larger(load(x + i), lanes);
  for (; i < size; ++i) lanes = larger(splat(x[i]), lanes);
  return largest_lane(lanes);
}

// e^x with a relative error below 2e-7; 0 below -86.5 (near where the result would leave
// the normal numbers, and for -infinity), infinity above 88.7. NaN stays NaN.
//
// x = n ln 2 + r with |r| <= ln(2)/2; e^r is its Taylor polynomial, 2^n an exponent (the usual
// reduction: Muller, Elementary Functions, chapter 11). ln 2 is split in two so that n ln 2 is
// subtracted without rounding.
inline F32x4 exp(F32x4 x) {
  constexpr float kLowest = -86.5f, kHighest = 88.72283f;  // the logarithm of the largest float
  constexpr float kLog2E = 1.44269504f, kLn2High = 0.693359375f, kLn2Low = -2.12194440e-4f;
  // 1.5 * 2^23: adding it leaves the nearest whole number in the low bits.
  constexpr float kRound = 12582912.0f;
  const F32x4 clamped =
      select(x < splat(kLowest), splat(kLowest), select(x > splat(kHighest), splat(kHighest), x));
  const F32x4 shifted = clamped * splat(kLog2E) + splat(kRound);
  const F32x4 n = shifted - splat(kRound);
  const F32x4 r = multiply_add(n, splat(-kLn2Low), multiply_add(n, splat(-kLn2High), clamped));
  F32x4 e = splat(1.0f / 5040);
  e = multiply_add(e, r, splat(1.0f / 720));
  e = multiply_add(e, r, splat(1.0f / 120));
  e = multiply_add(e, r, splat(1.0f / 24));
  e = multiply_add(e, r, splat(1.0f / 6));
  e = multiply_add(e, r, splat(0.5f));
  e = multiply_add(e, r, splat(1.0f));
  e = multiply_add(e, r, splat(1.0f));
  // n is at most 128, whose exponent does not exist: 2^(n-1), and then once more times two.
  const I32x4 exponent = ((I32x4)shifted - (I32x4)splat(kRound) + 126) << 23;
  e = e * (F32x4)exponent * splat(2.0f);
  e = select(x < splat(kLowest), splat(0.0f), e);
  e = select(x > splat(kHighest), splat(std::numeric_limits<float>::infinity()), e);
  return select(x == x, e, x);
}

}  // namespace glassformer::simd
