#include "tools/cli/peaks.h"

#include <algorithm>
#include <span>

#include "core/simd.h"
#include "core/tensor.h"
#include "tools/cli/stopwatch.h"

namespace glassformer::cli {
namespace {

constexpr int kRepetitions = 5;

// The compiler must believe that somebody reads this.
volatile float result = 0;

// And must not know these, or WebAssembly has them as constants, made anew for each operation.
volatile float near_one = 0.999f, near_zero = 1e-6f;

// Each measures once. They are functions of their own because V8 puts its optimised code in the
// place of the first only when a function is called again, not while its loop runs.

[[gnu::noinline]] double multiply_add_flops() {
  constexpr int kAccumulators = 12, kSteps = 16, kRounds = 250'000;
  simd::F32x4 sums[kAccumulators];
  for (int i = 0; i < kAccumulators; ++i) sums[i] = simd::splat(static_cast<float>(i));
  const simd::F32x4 factor = simd::splat(near_one), term = simd::splat(near_zero);
  const Stopwatch watch;
  for (int round = 0; round < kRounds; ++round) {
    // Several steps, because at the end of each round V8 moves the sums from register to register.
    for (int step = 0; step < kSteps; ++step) {
      for (simd::F32x4& sum : sums) sum = simd::multiply_add(sum, factor, term);
    }
  }
  const double seconds = watch.seconds();
  for (const simd::F32x4& sum : sums) result = result + sum[0];
  return 2.0 * 4 * kAccumulators * kSteps * kRounds / seconds;
}

[[gnu::noinline]] double bytes_read(std::span<const float> floats) {
  simd::F32x4 sums[4] = {};
  const Stopwatch watch;
  for (const float* p = floats.data(); p < floats.data() + floats.size(); p += 16) {
    for (int i = 0; i < 4; ++i) sums[i] += simd::load(p + 4 * i);
  }
  const double seconds = watch.seconds();
  for (const simd::F32x4& sum : sums) result = result + sum[0];
  return static_cast<double>(floats.size_bytes()) / seconds;
}

}  // namespace

double measure_multiply_add() {
  double best = 0;
  for (int repetition = 0; repetition < kRepetitions; ++repetition) {
    best = std::max(best, multiply_add_flops());
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
    best = std::max(best, bytes_read(std::span(buffer.data(), kFloats)));
  }
  return best;
}

}  // namespace glassformer::cli
