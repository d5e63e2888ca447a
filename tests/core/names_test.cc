#include "core/names.h"

#include <gtest/gtest.h>

#include <vector>

namespace glassformer {
namespace {

TEST(GlobMatch, WithoutWildcardsIsEquality) {
  EXPECT_TRUE(glob_match("logits", "logits"));
  EXPECT_FALSE(glob_match("logits", "logit"));
  EXPECT_FALSE(glob_match("logit", "logits"));
  EXPECT_TRUE(glob_match("", ""));
  EXPECT_FALSE(glob_match("", "a"));
}

TEST(GlobMatch, StarStandsForAnyCharactersOrNone) {
  EXPECT_TRUE(glob_match("*", ""));
  EXPECT_TRUE(glob_match("*", "blocks.0.hook_resid_pre"));
  EXPECT_TRUE(glob_match("blocks.*.hook_z", "blocks.11.hook_z"));
  EXPECT_TRUE(glob_match("a*b*c", "abbc"));
  EXPECT_TRUE(glob_match("a**c", "ac"));
  EXPECT_FALSE(glob_match("a*b", "abc"));
  EXPECT_FALSE(glob_match("*.hook_z", "hook_z"));
}

TEST(GlobMatch, QuestionMarkStandsForOne) {
  EXPECT_TRUE(glob_match("blocks.?.x", "blocks.3.x"));
  EXPECT_FALSE(glob_match("blocks.?.x", "blocks.12.x"));
  EXPECT_FALSE(glob_match("?", ""));
}

TEST(GlobMatch, WildcardsInTheTextAreOrdinaryCharacters) {
  EXPECT_TRUE(glob_match("*", "***"));
  EXPECT_FALSE(glob_match("a", "*"));
  EXPECT_TRUE(glob_match("*?", "*"));
}

TEST(GlobMatch, ManyStarsOnALongTextAreAnsweredAtOnce) {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "a*";
  EXPECT_FALSE(glob_match(pattern + "b", std::string(5000, 'a')));
}

TEST(NearestName, IsTheOneWithTheFewestEdits) {
  const std::vector<std::string> names = {"hook_q", "hook_pattern", "hook_z"};
  EXPECT_EQ(nearest_name("hook_patern", names), "hook_pattern");
  EXPECT_EQ(nearest_name("hookz", names), "hook_z");
}

TEST(NearestName, OfNothingIsEmpty) { EXPECT_EQ(nearest_name("x", {}), ""); }

TEST(NearestName, OfAVeryLongNameIsAnsweredAtOnce) {
  const std::vector<std::string> names(2000, "blocks.0.hook_resid_pre");
  EXPECT_EQ(nearest_name(std::string(10'000'000, 'x'), names), names.front());
}

}  // namespace
}  // namespace glassformer
