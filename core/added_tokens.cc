#include "core/added_tokens.h"

#include <algorithm>
#include <cassert>

#include "core/stable_sort.h"

namespace glassformer {

AddedTokenFinder::AddedTokenFinder(std::vector<AddedToken> tokens) : tokens_(std::move(tokens)) {
  stable_sort(tokens_, [](const AddedToken& a, const AddedToken& b) { return a.text < b.text; });
  for (const AddedToken& token : tokens_) {
    assert(!token.text.empty() && token.text.size() <= kMaxAddedTokenBytes);
    starts_[static_cast<uint8_t>(token.text[0])] = true;
  }
}

std::optional<AddedTokenFinder::Match> AddedTokenFinder::find(std::string_view text,
                                                              size_t from) const {
  if (tokens_.empty()) return std::nullopt;
  for (size_t at = from; at < text.size(); ++at) {
    if (!starts_[static_cast<uint8_t>(text[at])]) continue;
    if (const auto match = match_at(text, at)) return match;
  }
  return std::nullopt;
}

std::optional<AddedTokenFinder::Match> AddedTokenFinder::match_at(std::string_view text,
                                                                  size_t at) const {
  // The tokens that share the first `length` bytes with the text are a range of the sorted list,
  // in which the one that ends there, if any, comes first. Each further byte narrows the range.
  std::optional<Match> longest;
  auto begin = tokens_.begin();
  auto end = tokens_.end();
  for (size_t length = 0; begin != end; ++length) {
    if (begin->text.size() == length) {
      longest = Match{at, at + length, begin->id};
      if (++begin == end) break;
    }
    if (at + length == text.size()) break;
    const auto byte = static_cast<uint8_t>(text[at + length]);
    const auto byte_of = [length](const AddedToken& token) {
      return static_cast<uint8_t>(token.text[length]);
    };
    begin = std::lower_bound(begin, end, byte, [&](const AddedToken& token, uint8_t value) {
      return byte_of(token) < value;
    });
    end = std::upper_bound(begin, end, byte, [&](uint8_t value, const AddedToken& token) {
      return value < byte_of(token);
    });
  }
  return longest;
}

}  // namespace glassformer
