// Cuts text into words before byte-pair encoding, which never merges across a cut.
#pragma once

#include <cstddef>
#include <string_view>

namespace glassformer {

// The length in bytes of the word that a text starts with: the leftmost match, always at the very
// start, of GPT-2's pattern (Radford et al. 2019, encoder.py)
//
//   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//
// At least 1 for text that is not empty; the words of a text, one after another, are the text. A
// byte that is not valid UTF-8 is neither letter, number nor white space.
size_t word_length(std::string_view text);

}  // namespace glassformer
