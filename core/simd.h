// Four floats at a time: the same code for WebAssembly and for native compilers, on the vector
// extensions that GCC and Clang share.
#pragma once

#include <cstdint>
#include <cstring>

namespace glassformer::simd {

typedef float F32x4 __attribute__((vector_size(16)));

inline F32x4 load(const float* from) {
  F32x4 value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

inline void store(float* to, F32x4 value) { std::memcpy(to, &value, sizeof value); }

inline F32x4 splat(float value) { return F32x4{value, value, value, value}; }

// a * b + c; rounded once where the target multiplies and adds in one instruction.
inline F32x4 multiply_add(F32x4 a, F32x4 b, F32x4 c) {
#ifdef __wasm_relaxed_simd__
  return __builtin_wasm_relaxed_madd_f32x4(a, b, c);
#else
  return a * b + c;
#endif
}

// {sum of a, sum of b, sum of c, sum of d}, of four numbers each, floats or integers.
template <class Vector>
inline Vector sums(Vector a, Vector b, Vector c, Vector d) {
  // Pairs of lanes are added until one is left, four vectors side by side.
  const Vector ab =
      __builtin_shufflevector(a, b, 0, 4, 1, 5) + __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const Vector cd =
      __builtin_shufflevector(c, d, 0, 4, 1, 5) + __builtin_shufflevector(c, d, 2, 6, 3, 7);
  return __builtin_shufflevector(ab, cd, 0, 1, 4, 5) + __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
}

inline float sum(F32x4 v) { return (v[0] + v[1]) + (v[2] + v[3]); }

// value(x[i]) for all i added up, x four at a time; what is left over at the end, one by one. Four
// sums, because an addition has to wait for the one before.
template <class Value>
inline float sum_of(const float* x, int64_t size, Value value) {
  F32x4 sums[4] = {};
  int64_t i = 0;
  for (; i + 16 <= size; i += 16) {
    for (int j = 0; j < 4; ++j) sums[j] += value(load(x + i + 4 * j));
  }
  for (; i + 4 <= size; i += 4) sums[0] += value(load(x + i));
  float total = sum((sums[0] + sums[1]) + (sums[2] + sums[3]));
  for (; i < size; ++i) total += value(splat(x[i]))[0];
  return total;
}

}  // namespace glassformer::simd
