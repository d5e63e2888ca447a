#include "core/utf8.h"

#include <cassert>
#include <cstdint>

namespace glassformer {

Utf8Character utf8_character_at(std::string_view text, size_t at) {
  assert(at < text.size());
  const Utf8Character invalid;
  const auto lead = static_cast<uint8_t>(text[at]);
  if (lead < 0x80) return {lead, 1, true};
  // 0x80..0xBF continue a character; 0xC0 and 0xC1 could only start an overlong one.
  if (lead < 0xC2 || lead > 0xF4) return invalid;

  const int length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (text.size() - at < static_cast<size_t>(length)) return invalid;
  char32_t code_point = lead & (0x7F >> length);
  for (int i = 1; i < length; ++i) {
    const auto byte = static_cast<uint8_t>(text[at + i]);
    if ((byte & 0xC0) != 0x80) return invalid;
    code_point = code_point << 6 | (byte & 0x3F);
  }
  const char32_t smallest = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (code_point < smallest || code_point > 0x10FFFF || surrogate) return invalid;
  return {code_point, length, true};
}

}  // namespace glassformer
