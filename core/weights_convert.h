// Stored bytes -> floats, for the dtypes that weights may have.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/safetensors.h"

namespace glassformer {

// F32, F16 and BF16.
bool is_weight_dtype(Dtype dtype);

// Converts `count` little-endian elements at `bytes`, which need not be aligned, to floats.
// Returns the index of the first one that is infinite or NaN, or -1. `dtype` is a weight dtype.
int64_t convert_to_floats(float* out, const std::byte* bytes, size_t count, Dtype dtype);

}  // namespace glassformer
