#include "core/pretokenizer.h"

#include "core/character_class.h"
#include "core/utf8.h"

namespace glassformer {
namespace {

struct ClassifiedCharacter {
  CharacterClass kind;
  size_t length;
};

ClassifiedCharacter classify_at(std::string_view text, size_t at) {
  const Utf8Character character = utf8_character_at(text, at);
  const CharacterClass kind =
      character.valid ? character_class(character.code_point) : CharacterClass::other;
  return {kind, static_cast<size_t>(character.length)};
}

// The end of the run of characters of one class that starts at `at`.
size_t run_end(std::string_view text, size_t at, CharacterClass kind) {
  while (at < text.size()) {
    const ClassifiedCharacter character = classify_at(text, at);
    if (character.kind != kind) break;
    at += character.length;
  }
  return at;
}

// 's|'t|'re|'ve|'m|'ll|'d: 0 where the text starts with none of them.
size_t contraction_length(std::string_view text) {
  for (const std::string_view contraction : {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"}) {
    if (text.starts_with(contraction)) return contraction.size();
  }
  return 0;
}

// \s+(?!\S)|\s+: all of a run of white space at the end of the text; before something else, all but
// its last character, which then may belong to the next word; a single character in any case.
size_t white_space_length(std::string_view text) {
  size_t end = 0;
  size_t last_start = 0;
  while (end < text.size()) {
    const ClassifiedCharacter character = classify_at(text, end);
    if (character.kind != CharacterClass::white_space) break;
    last_start = end;
    end += character.length;
  }
  const bool something_follows = end < text.size();
  return something_follows && last_start > 0 ? last_start : end;
}

}  // namespace

size_t word_length(std::string_view text) {
  if (text.empty()) return 0;
  if (const size_t length = contraction_length(text)) return length;

  // " ?" before a run of letters, numbers or others.
  const size_t start = text[0] == ' ' ? 1 : 0;
  if (start < text.size()) {
    const CharacterClass kind = classify_at(text, start).kind;
    if (kind != CharacterClass::white_space) return run_end(text, start, kind);
  }
  return white_space_length(text);
}

}  // namespace glassformer
