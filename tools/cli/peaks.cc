#include "tools/cli/peaks.h"

#include <algorithm>

#include "core/simd.h"
#include "core/tensor.h"
#include "tools/cli/stopwatch.h"

namespace glassformer::cli {
namespace {

constexpr int kRepetitions = 5;

// The compiler must believe that somebody reads this.
volatile float result = 0;

}  // namespace

double measure_multiply_add() {
  constexpr int kAccumulators = 12, kRounds = 4'000'000;
  double best = 0;
  for (int repetition = 0; repetition < kRepetitions; ++repetition) {
    simd::F32x4 sums[kAccumulators];
    for (int i = 0; i < kAccumulators; ++i) sums[i] = simd::splat(static_cast<float>(i));
    const simd::F32x4 factor = simd::splat(0.999f), term = simd::splat(1e-6f);
    const Stopwatch watch;
    for (int round = 0; round < kRounds; ++round) {
      for (simd::F32x4& sum : sums) sum = simd::multiply_add(sum, factor, term);
    }
    best = std::max(best, 2.0 * 4 * kAccumulators * kRounds / watch.seconds());
    for (const simd::F32x4& sum : sums) result = result + sum[0];
  }
  return best;
}

double measure_streaming_read() {
  constexpr size_t kFloats = size_t{64} << 20;  // 256 MiB
  const FloatBuffer buffer = FloatBuffer::allocate(kFloats);
  if (!buffer) return 0;
  std::fill_n(buffer.data(), kFloats, 1.0f);
  double best = 0;
  for (int repetition = 0; repetition < kRepetitions; ++repetition) {
    simd::F32x4 sums[4] = {};
    const Stopwatch watch;
    for (const float* p = buffer.data(); p < buffer.data() + kFloats; p += 16) {
      for (int i = 0; i < 4; ++i) sums[i] += simd::load(p + 4 * i);
    }
    best = std::max(best, kFloats * sizeof(float) / watch.seconds());
    for (const simd::F32x4& sum : sums) result = result + sum[0];
  }
  return best;
}

}  // namespace glassformer::cli
