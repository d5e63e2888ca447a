// Numbers in messages, the way people read them.
#pragma once

#include <cstdint>
#include <string>

namespace glassformer {

// 50257 -> "50,257".
inline std::string grouped(uint64_t value) {
  const std::string digits = std::to_string(value);
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

}  // namespace glassformer
