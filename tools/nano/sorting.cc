#include "tools/nano/sorting.h"

#include <algorithm>
#include <numeric>

namespace glassformer::nano {

std::vector<std::string> Sorting::spellings() const {
  std::vector<std::string> spellings;
  for (int letter = 0; letter < letters; ++letter) {
    spellings.emplace_back(1, static_cast<char>('A' + letter));
  }
  spellings.emplace_back("=");
  spellings.emplace_back("<|endoftext|>");
  return spellings;
}

std::vector<int32_t> Sorting::text(std::span<const int32_t> prompt) const {
  std::vector<int32_t> text(prompt.begin(), prompt.end());
  text.push_back(equals());
  text.insert(text.end(), prompt.begin(), prompt.end());
  std::sort(text.begin() + static_cast<std::ptrdiff_t>(prompt.size()) + 1, text.end());
  text.push_back(end());
  return text;
}

std::vector<int32_t> Sorting::draw(Random& random, int length, int kinds) const {
  std::vector<int32_t> alphabet(static_cast<size_t>(letters));
  std::iota(alphabet.begin(), alphabet.end(), 0);
  for (int i = 0; i < kinds; ++i) {
    std::swap(alphabet[static_cast<size_t>(i)],
              alphabet[static_cast<size_t>(i + random.below(letters - i))]);
  }
  std::vector<int32_t> prompt;
  for (int i = 0; i < length; ++i) {
    prompt.push_back(alphabet[static_cast<size_t>(random.below(kinds))]);
  }
  return prompt;
}

bool Sorting::is_held_out(std::span<const int32_t> prompt) {
  uint64_t hash = 1;
  for (const int32_t letter : prompt) hash = Random(hash + static_cast<uint64_t>(letter)).next();
  return hash % 16 == 0;
}

}  // namespace glassformer::nano
