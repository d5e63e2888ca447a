#include "core/added_tokens.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace glassformer {
namespace {

using Found = std::vector<std::pair<size_t, int32_t>>;  // where each match begins, and its id

Found find_all(std::vector<AddedToken> tokens, std::string_view text) {
  const AddedTokenFinder finder(std::move(tokens));
  Found found;
  size_t at = 0;
  while (const auto match = finder.find(text, at)) {
    EXPECT_GT(match->end, match->begin);
    found.emplace_back(match->begin, match->id);
    at = match->end;
  }
  return found;
}

TEST(AddedTokenFinder, FindsNothingWithoutTokens) { EXPECT_EQ(find_all({}, "<|a|>"), Found{}); }

TEST(AddedTokenFinder, FindsEveryOccurrence) {
  EXPECT_EQ(find_all({{"<|a|>", 7}}, "<|a|>x<|a|><|a|>"), (Found{{0, 7}, {6, 7}, {11, 7}}));
}

TEST(AddedTokenFinder, FindsNoPartOfAToken) {
  EXPECT_EQ(find_all({{"<|a|>", 7}}, "<|a| <|a"), Found{});
  EXPECT_EQ(find_all({{"<|a|>", 7}}, "<<|a|>"), (Found{{1, 7}}));
}

TEST(AddedTokenFinder, PrefersTheLongestAtOnePlace) {
  const std::vector<AddedToken> tokens = {{"ab", 1}, {"a", 2}, {"abcd", 3}, {"b", 4}};
  EXPECT_EQ(find_all(tokens, "abcd"), (Found{{0, 3}}));
  EXPECT_EQ(find_all(tokens, "abcx"), (Found{{0, 1}}));
  EXPECT_EQ(find_all(tokens, "axb"), (Found{{0, 2}, {2, 4}}));
}

TEST(AddedTokenFinder, PrefersTheLeftmostToALongerOne) {
  EXPECT_EQ(find_all({{"ab", 1}, {"bcdef", 2}}, "abcdef"), (Found{{0, 1}}));
}

TEST(AddedTokenFinder, ComparesBytesAsUnsigned) {
  EXPECT_EQ(find_all({{"é", 1}, {"z", 2}, {"éa", 3}, {"é月", 4}}, "zé月éa"),
            (Found{{0, 2}, {1, 4}, {6, 3}}));
}

}  // namespace
}  // namespace glassformer
