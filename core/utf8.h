// UTF-8, one character at a time, for text that may not be UTF-8 at all.
#pragma once

#include <cstddef>
#include <string_view>

namespace glassformer {

struct Utf8Character {
  char32_t code_point = 0;  // 0 where the byte is not part of a valid character
  int length = 1;           // in bytes; 1 where not valid
  bool valid = false;
};

// The character that starts at text[at], at < text.size(). Well-formed is what the Unicode Standard
// (table 3-7) says: overlong forms, surrogates, values above U+10FFFF and truncated sequences are
// not, and each of their bytes is reported alone, as one invalid byte.
Utf8Character utf8_character_at(std::string_view text, size_t at);

}  // namespace glassformer
