// IEEE 754 binary16 and bfloat16 to and from float, bit by bit: no hardware support is assumed.
#pragma once

#include <cstdint>

namespace glassformer {

float f16_to_f32(uint16_t bits);
float bf16_to_f32(uint16_t bits);
// Rounds to nearest, ties to even; overflow gives infinity.
uint16_t f32_to_f16(float value);

}  // namespace glassformer
