#include "core/character_class.h"

#include <algorithm>
#include <span>

#include "core/unicode_tables.h"

namespace glassformer {
namespace {

bool contains(std::span<const CodePointRange> ranges, char32_t code_point) {
  const auto above = std::upper_bound(
      ranges.begin(), ranges.end(), code_point,
      [](char32_t value, const CodePointRange& range) { return value < range.first; });
  return above != ranges.begin() && code_point <= std::prev(above)->last;
}

CharacterClass ascii_class(char32_t c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return CharacterClass::letter;
  if (c >= '0' && c <= '9') return CharacterClass::number;
  if (c == ' ' || (c >= '\t' && c <= '\r')) return CharacterClass::white_space;
  return CharacterClass::other;
}

}  // namespace

CharacterClass character_class(char32_t code_point) {
  if (code_point < 0x80) return ascii_class(code_point);
  if (contains(unicode_letters(), code_point)) return CharacterClass::letter;
  if (contains(unicode_numbers(), code_point)) return CharacterClass::number;
  if (contains(unicode_white_space(), code_point)) return CharacterClass::white_space;
  return CharacterClass::other;
}

}  // namespace glassformer
