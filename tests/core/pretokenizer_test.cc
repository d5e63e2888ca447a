#include "core/pretokenizer.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace glassformer {
namespace {

using Words = std::vector<std::string>;

Words words(std::string_view text) {
  Words found;
  while (!text.empty()) {
    const size_t length = word_length(text);
    if (length == 0 || length > text.size()) {
      ADD_FAILURE() << "a word of " << length << " bytes in " << text.size();
      break;
    }
    found.emplace_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return found;
}

TEST(Pretokenizer, FindsNoWordInNoText) { EXPECT_EQ(word_length(""), 0u); }

TEST(Pretokenizer, PutsOneSpaceBeforeAWordIntoTheWord) {
  EXPECT_EQ(words("Once upon a time"), (Words{"Once", " upon", " a", " time"}));
}

TEST(Pretokenizer, SeparatesLettersNumbersAndOthers) {
  EXPECT_EQ(words("abc123!?x"), (Words{"abc", "123", "!?", "x"}));
  EXPECT_EQ(words(" abc 123 !? x"), (Words{" abc", " 123", " !?", " x"}));
  EXPECT_EQ(words("白日依山尽，黄河"), (Words{"白日依山尽", "，", "黄河"}));
}

TEST(Pretokenizer, CutsOffLowerCaseContractions) {
  EXPECT_EQ(words("it's can't we're I've I'm he'll I'd"),
            (Words{"it", "'s", " can", "'t", " we", "'re", " I", "'ve", " I", "'m", " he", "'ll",
                   " I", "'d"}));
}

TEST(Pretokenizer, DoesNotKnowUpperCaseContractions) {
  EXPECT_EQ(words("IT'S"), (Words{"IT", "'", "S"}));
  EXPECT_EQ(words("we'RE"), (Words{"we", "'", "RE"}));
}

TEST(Pretokenizer, CutsAContractionOutOfALongerWord) {
  EXPECT_EQ(words("'tis 'llama 'really"), (Words{"'t", "is", " '", "llama", " '", "really"}));
  EXPECT_EQ(words("''s"), (Words{"''", "s"}));  // the run of others starts first
  EXPECT_EQ(words("'r 'v 'l"), (Words{"'", "r", " '", "v", " '", "l"}));
}

TEST(Pretokenizer, LeavesTheLastOfSeveralSpacesToTheNextWord) {
  EXPECT_EQ(words("a  b"), (Words{"a", " ", " b"}));
  EXPECT_EQ(words("a    b"), (Words{"a", "   ", " b"}));
  EXPECT_EQ(words("   a"), (Words{"  ", " a"}));
}

TEST(Pretokenizer, LeavesWhiteSpaceThatIsNoSpaceAlone) {
  EXPECT_EQ(words("a\nb"), (Words{"a", "\n", "b"}));
  EXPECT_EQ(words("a\n\nb"), (Words{"a", "\n", "\n", "b"}));
  EXPECT_EQ(words("a\n b"), (Words{"a", "\n", " b"}));
  EXPECT_EQ(words("a \nb"), (Words{"a", " ", "\n", "b"}));
  EXPECT_EQ(words("a\u3000\u3000b"), (Words{"a", "\u3000", "\u3000", "b"}));
  EXPECT_EQ(words("a\u00a0b"), (Words{"a", "\u00a0", "b"}));
}

TEST(Pretokenizer, TakesAllWhiteSpaceAtTheEnd) {
  EXPECT_EQ(words("a   "), (Words{"a", "   "}));
  EXPECT_EQ(words(" \t\n"), (Words{" \t\n"}));
  EXPECT_EQ(words(" "), (Words{" "}));
}

TEST(Pretokenizer, SeparatesMarksFromTheLettersBeforeThem) {
  EXPECT_EQ(words("e\u0301e"), (Words{"e", "\u0301", "e"}));
}

TEST(Pretokenizer, TreatsBytesThatAreNotUtf8AsOthers) {
  EXPECT_EQ(words("a\xff\xc3 b"), (Words{"a", "\xff\xc3", " b"}));
  EXPECT_EQ(words(" \xff!"), (Words{" \xff!"}));
  EXPECT_EQ(words("a\xe6\x9c"), (Words{"a", "\xe6\x9c"}));
  EXPECT_EQ(words("\xed\xa0\x80 "), (Words{"\xed\xa0\x80", " "}));
}

TEST(Pretokenizer, KeepsZeroBytes) {
  const std::string text("a\0b", 3);
  EXPECT_EQ(words(text), (Words{"a", std::string(1, '\0'), "b"}));
}

}  // namespace
}  // namespace glassformer
