// Which of the four classes of GPT-2's pre-tokenizer pattern a character belongs to.
#pragma once

namespace glassformer {

enum class CharacterClass {
  letter,       // \p{L}
  number,       // \p{N}
  white_space,  // \s
  other,        // [^\s\p{L}\p{N}]: punctuation, symbols, marks, control characters, unassigned
};

CharacterClass character_class(char32_t code_point);

}  // namespace glassformer
