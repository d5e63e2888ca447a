// The task that the nano model learns: "CADB=" is followed by "ABCD" and the end of the text.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tools/nano/random.h"

namespace glassformer::nano {

// Tokens are the letters from A, in order, then "=", then "<|endoftext|>".
struct Sorting {
  int letters = 26;
  int longest = 10;  // letters in a prompt

  int32_t equals() const { return letters; }
  int32_t end() const { return letters + 1; }
  int vocab_size() const { return letters + 2; }
  // Tokens of the longest text, its end included.
  int n_positions() const { return 2 * longest + 2; }
  // How each token is spelled, by id.
  std::vector<std::string> spellings() const;

  // `prompt`, letters, with "=", the sorted letters and the end behind them.
  std::vector<int32_t> text(std::span<const int32_t> prompt) const;

  // `length` letters out of `kinds` different ones at most.
  std::vector<int32_t> draw(Random& random, int length, int kinds) const;

  // A sixteenth of all prompts, which training never sees: by a hash of their letters.
  static bool is_held_out(std::span<const int32_t> prompt);
};

}  // namespace glassformer::nano
