// Tokens that are found in the text as they are, before it is cut into words: "<|endoftext|>".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace glassformer {

// The longest text of an added token. Bounds the time that looking for them takes at each byte.
inline constexpr size_t kMaxAddedTokenBytes = 256;

struct AddedToken {
  std::string text;
  int32_t id = 0;
  bool special = true;  // found only when the caller asks for special tokens
};

// Looks for any of a set of tokens.
class AddedTokenFinder {
 public:
  struct Match {
    size_t begin;  // in bytes
    size_t end;
    int32_t id;
  };

  AddedTokenFinder() = default;
  explicit AddedTokenFinder(std::vector<AddedToken> tokens);

  // The leftmost occurrence of a token at or after `from`; of those that start there, the longest.
  std::optional<Match> find(std::string_view text, size_t from) const;

 private:
  std::optional<Match> match_at(std::string_view text, size_t at) const;

  std::vector<AddedToken> tokens_;  // ascending by text
  std::array<bool, 256> starts_{};  // whether any token starts with the byte
};

}  // namespace glassformer
