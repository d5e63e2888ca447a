// The four outputs of a panel, put where they belong.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/packed_matrix.h"
#include "core/simd.h"

namespace glassformer {

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
