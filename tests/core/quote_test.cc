#include "core/quote.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace glassformer {
namespace {

TEST(Quoted, PutsPlainTextInDoubleQuotes) { EXPECT_EQ(quoted("wte.weight"), "\"wte.weight\""); }

TEST(Quoted, ShowsNothingAsTwoQuotes) { EXPECT_EQ(quoted(""), "\"\""); }

TEST(Quoted, KeepsReadableCharactersOfAnyLanguage) {
  EXPECT_EQ(quoted("白日依山尽 é 🦙"), "\"白日依山尽 é 🦙\"");
}

TEST(Quoted, EscapesQuotesAndBackslashes) { EXPECT_EQ(quoted("a\"b\\c"), "\"a\\\"b\\\\c\""); }

TEST(Quoted, EscapesControlCharactersSoThatTheMessageStaysOneLine) {
  using std::string_view_literals::operator""sv;
  EXPECT_EQ(quoted("a\n\r\t\x1b[31m\x7f\0z"sv), "\"a\\x0a\\x0d\\x09\\x1b[31m\\x7f\\x00z\"");
  EXPECT_EQ(quoted("\xc2\x85"), "\"\\xc2\\x85\"");           // next line
  EXPECT_EQ(quoted("\xe2\x80\xa8"), "\"\\xe2\\x80\\xa8\"");  // line separator
}

TEST(Quoted, EscapesCharactersThatReorderOrHideText) {
  EXPECT_EQ(quoted("a\u202eb"), "\"a\\xe2\\x80\\xaeb\"");
  EXPECT_EQ(quoted("a\u200bb"), "\"a\\xe2\\x80\\x8bb\"");
}

TEST(Quoted, EscapesBytesThatAreNotUtf8) {
  EXPECT_EQ(quoted("\xff\xc3"), "\"\\xff\\xc3\"");
  EXPECT_EQ(quoted("\xed\xa0\x80"), "\"\\xed\\xa0\\x80\"");  // a surrogate
}

TEST(Quoted, CutsLongTextShortBetweenCharacters) {
  EXPECT_EQ(quoted(std::string(kMaxQuotedCharacters, 'x')), '"' + std::string(40, 'x') + '"');
  EXPECT_EQ(quoted(std::string(1'000'000, 'x')), '"' + std::string(40, 'x') + "...\"");
  std::string moons, forty;
  for (int i = 0; i < 100; ++i) (i < 40 ? forty : moons) += "月";
  EXPECT_EQ(quoted(forty + moons), '"' + forty + "...\"");
}

}  // namespace
}  // namespace glassformer
