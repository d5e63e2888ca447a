// Products of small integers, eight at a time.
#pragma once

#include <cstdint>
#include <cstring>
#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#endif
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "core/simd.h"
#include "core/simd_math.h"

namespace glassformer::simd {

typedef int8_t I8x8 __attribute__((vector_size(8)));
typedef int16_t I16x8 __attribute__((vector_size(16)));

inline I16x8 load(const int16_t* from) {
  I16x8 value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

// Eight numbers of 8 bits as numbers of 16.
inline I16x8 load_widened(const int8_t* from) {
#if defined(__wasm_simd128__)
  return (I16x8)wasm_i16x8_load8x8(from);
#else
  I8x8 value;
  std::memcpy(&value, from, sizeof value);
  return __builtin_convertvector(value, I16x8);
#endif
}

// {a0 b0 + a1 b1, a2 b2 + a3 b3, ...}
inline I32x4 pair_products(I16x8 a, I16x8 b) {
#if defined(__wasm_simd128__)
  return (I32x4)wasm_i32x4_dot_i16x8((v128_t)a, (v128_t)b);
#elif defined(__SSE2__)
  return (I32x4)_mm_madd_epi16((__m128i)a, (__m128i)b);
#else
  I32x4 result;
  for (int i = 0; i < 4; ++i) {
    result[i] = int32_t{a[2 * i]} * b[2 * i] + int32_t{a[2 * i + 1]} * b[2 * i + 1];
  }
  return result;
#endif
}

inline F32x4 to_floats(I32x4 v) { return __builtin_convertvector(v, F32x4); }

}  // namespace glassformer::simd
