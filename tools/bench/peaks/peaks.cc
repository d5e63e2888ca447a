// The machine's limits in WebAssembly, on one thread: f32 multiply-add, and reading memory from one
// end to the other. Compiled twice, with relaxed SIMD (fused multiply-add) and without.
#include <wasm_simd128.h>

#include <cstddef>
#include <cstdint>

namespace {

constexpr int kSteps = 32;
constexpr int kLargestWidth = 4;

// Small enough to stay in the first cache; written at run time, so that nothing can be computed
// ahead.
v128_t factors[kSteps][kLargestWidth];

v128_t multiply_add(v128_t a, v128_t b, v128_t sum) {
#ifdef __wasm_relaxed_simd__
  return wasm_f32x4_relaxed_madd(a, b, sum);
#else
  return wasm_f32x4_add(wasm_f32x4_mul(a, b), sum);
#endif
}

// Sums of `height` times `width` vectors, as in a matrix product whose left side is in registers.
template <int height, int width>
float tile(int rounds, float a) {
  v128_t rows[height];
  for (int row = 0; row < height; ++row) rows[row] = wasm_f32x4_splat(a + static_cast<float>(row));
  v128_t sums[height][width] = {};
  for (int round = 0; round < rounds; ++round) {
    for (const auto& step : factors) {
      for (int column = 0; column < width; ++column) {
        const v128_t factor = step[column];
        for (int row = 0; row < height; ++row) {
          sums[row][column] = multiply_add(rows[row], factor, sums[row][column]);
        }
      }
    }
  }
  v128_t total = {};
  for (const auto& row : sums) {
    for (const v128_t sum : row) total = wasm_f32x4_add(total, sum);
  }
  return wasm_f32x4_extract_lane(total, 0) + wasm_f32x4_extract_lane(total, 3);
}

struct Shape {
  int height, width;
  float (*run)(int rounds, float a);
};

// Enough sums to hide the latency of an addition, few enough for the 16 registers of x86-64; which
// one the engine's compiler treats best, it has to show.
constexpr Shape kShapes[] = {{2, 4, tile<2, 4>}, {4, 2, tile<4, 2>}, {3, 3, tile<3, 3>}};

}  // namespace

extern "C" {

__attribute__((export_name("shape_count"))) int shape_count() {
  return sizeof kShapes / sizeof kShapes[0];
}

// Floating-point operations in one round of `multiply_adds`.
__attribute__((export_name("operations_per_round"))) int operations_per_round(int shape) {
  return kSteps * kShapes[shape].height * kShapes[shape].width * 4 * 2;
}

// The result only keeps the work from being optimised away.
__attribute__((export_name("multiply_adds"))) float multiply_adds(int shape, int rounds, float a) {
  for (int step = 0; step < kSteps; ++step) {
    // Signs alternate, so that the sums stay small.
    for (v128_t& factor : factors[step]) factor = wasm_f32x4_splat(step % 2 ? a : -a);
  }
  return kShapes[shape].run(rounds, a);
}

// Writes something into every byte: memory that was never written may all be one page of zeros.
__attribute__((export_name("fill"))) void fill(uint8_t* begin, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) begin[i] = static_cast<uint8_t>(i * 7 + (i >> 12));
}

// Reads `bytes` (a multiple of 64) from `begin` on.
__attribute__((export_name("read_all"))) int32_t read_all(const uint8_t* begin, size_t bytes) {
  v128_t sums[4] = {};
  for (const uint8_t* at = begin; at < begin + bytes; at += 64) {
    for (int i = 0; i < 4; ++i) sums[i] = wasm_i32x4_add(sums[i], wasm_v128_load(at + 16 * i));
  }
  const v128_t total =
      wasm_i32x4_add(wasm_i32x4_add(sums[0], sums[1]), wasm_i32x4_add(sums[2], sums[3]));
  return wasm_i32x4_extract_lane(total, 0) ^ wasm_i32x4_extract_lane(total, 1) ^
         wasm_i32x4_extract_lane(total, 2) ^ wasm_i32x4_extract_lane(total, 3);
}

}  // extern "C"
