// What the products with either kind of panels share.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/packed_matrix.h"
#include "core/simd.h"
#include "core/threads.h"

namespace glassformer {

// How many panels of so many bytes go through all rows before the next ones do. They stay in the
// second cache meanwhile. One at a time would be fewer bytes still, but the processor prefetches
// memory only while it is read on and on, and starts anew after each pause.
inline int64_t panels_together(int64_t panel_bytes) {
  constexpr int64_t kCacheBytes = 128 * 1024;
  return std::max<int64_t>(1, kCacheBytes / panel_bytes);
}

// Calls multiply(first, last) for groups of `together` panels, on all threads. `products`: how many
// multiplications there are for each output.
template <class Multiply>
void for_panels(int64_t panels, int64_t products, int64_t together, Multiply multiply) {
  constexpr int64_t kSmallestPart = 1 << 15;  // about ten microseconds
  parallel_ranges(panels, kSmallestPart / products + 1, [&](int64_t begin, int64_t end) {
    for (int64_t first = begin; first < end; first += together) {
      multiply(first, std::min(first + together, end));
    }
  });
}

// y[first..first + 4) = out + bias, or fewer where the matrix has no more outputs. y and bias
// (which may be null) have `outputs` elements.
inline void store_outputs(float* y, simd::F32x4 out, const float* bias, int64_t first,
                          int64_t outputs) {
  const int64_t width = std::min(PackedMatrix::kPanel, outputs - first);
  if (width == PackedMatrix::kPanel) {
    simd::store(y + first, bias ? out + simd::load(bias + first) : out);
    return;
  }
  for (int64_t lane = 0; lane < width; ++lane) {
    y[first + lane] = out[lane] + (bias ? bias[first + lane] : 0.0f);
  }
}

}  // namespace glassformer
