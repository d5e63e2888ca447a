#include "core/weights_convert.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "core/half.h"

namespace glassformer {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors are little-endian");

template <float (*widen)(uint16_t)>
void convert_16_bits(float* out, const std::byte* bytes, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    uint16_t bits;
    std::memcpy(&bits, bytes + 2 * i, sizeof bits);
    out[i] = widen(bits);
  }
}

int64_t first_not_finite(const float* values, size_t count) {
  // No branch in the loop: almost every call finds nothing, at the speed of memory.
  constexpr uint32_t kExponent = 0x7f800000u;
  uint32_t found = 0;
  for (size_t i = 0; i < count; ++i) {
    found |= (std::bit_cast<uint32_t>(values[i]) & kExponent) == kExponent;
  }
  if (!found) return -1;
  size_t i = 0;
  while (std::isfinite(values[i])) ++i;
  return static_cast<int64_t>(i);
}

}  // namespace

bool is_weight_dtype(Dtype dtype) {
  return dtype == Dtype::f32 || dtype == Dtype::f16 || dtype == Dtype::bf16;
}

int64_t convert_to_floats(float* out, const std::byte* bytes, size_t count, Dtype dtype) {
  assert(is_weight_dtype(dtype));
  switch (dtype) {
    case Dtype::f16:
      convert_16_bits<f16_to_f32>(out, bytes, count);
      break;
    case Dtype::bf16:
      convert_16_bits<bf16_to_f32>(out, bytes, count);
      break;
    default:
      std::memcpy(out, bytes, count * sizeof(float));
      break;
  }
  return first_not_finite(out, count);
}

}  // namespace glassformer
