#include "core/character_class.h"

#include <gtest/gtest.h>

#include <span>
#include <string>

#include "core/unicode_tables.h"

namespace glassformer {
namespace {

constexpr auto kLetter = CharacterClass::letter;
constexpr auto kNumber = CharacterClass::number;
constexpr auto kSpace = CharacterClass::white_space;
constexpr auto kOther = CharacterClass::other;

void expect_class(CharacterClass expected, std::u32string_view characters) {
  for (const char32_t c : characters) {
    EXPECT_EQ(character_class(c), expected) << std::hex << static_cast<uint32_t>(c);
  }
}

bool contains(std::span<const CodePointRange> table, char32_t c) {
  for (const auto& range : table) {
    if (range.first <= c && c <= range.last) return true;
  }
  return false;
}

TEST(CharacterClass, KnowsLettersOfEveryCategory) {
  expect_class(kLetter, U"azAZßÿΑωЖшאבعي");  // Lu, Ll, Lo
  expect_class(kLetter, U"ǅʰªº");            // Lt, Lm
  expect_class(kLetter, U"月日ひカ한ไ𠀀𝒜");
}

TEST(CharacterClass, KnowsTheBoundsOfTheIdeographs) {
  expect_class(kLetter, U"\u3400\u4DBF\u4E00\u9FFF\U00020000\U0002A6DF\U00031350");
  expect_class(kOther, U"\u4DC0\u4DFF");  // hexagrams, between the two blocks
}

TEST(CharacterClass, KnowsNumbersOfEveryCategory) {
  expect_class(kNumber, U"09٣९０");  // Nd
  expect_class(kNumber, U"Ⅷ〇ↈ");    // Nl
  expect_class(kNumber, U"²½①㊀𐄇");  // No
}

TEST(CharacterClass, CallsOnlyTheWhiteSpacePropertyWhiteSpace) {
  expect_class(kSpace, U"\t\n\v\f\r \u0085\u00A0\u1680\u2000\u200A\u2028\u2029\u202F\u205F\u3000");
  // Not white space: Python's str.isspace() has the first four, JavaScript's \s the last.
  expect_class(kOther, U"\u001C\u001D\u001E\u001F\u180E\u200B\u2060\uFEFF");
}

TEST(CharacterClass, CallsEverythingElseOther) {
  expect_class(kOther, U"!'_~¿、。“”€+<|>");
  expect_class(kOther, U"\u0301\u093E\u20DD");  // marks: Mn, Mc, Me
  expect_class(kOther, std::u32string_view(U"\0\x7F\u200D\uE000\U000E0001", 5));
  expect_class(kOther, U"🦙🚀");
  expect_class(kOther, U"\u0378\U0003FFFF\U0010FFFF");  // unassigned
}

TEST(CharacterClass, AgreesWithTheTablesForEveryAsciiCharacter) {
  for (char32_t c = 0; c < 0x80; ++c) {
    const CharacterClass expected = contains(unicode_letters(), c)       ? kLetter
                                    : contains(unicode_numbers(), c)     ? kNumber
                                    : contains(unicode_white_space(), c) ? kSpace
                                                                         : kOther;
    EXPECT_EQ(character_class(c), expected) << static_cast<uint32_t>(c);
  }
}

TEST(UnicodeTables, StateTheirVersion) { EXPECT_GE(std::stod(kUnicodeVersion), 15.0); }

TEST(UnicodeTables, AreAscendingRangesThatDoNotTouch) {
  for (const auto table : {unicode_letters(), unicode_numbers(), unicode_white_space()}) {
    ASSERT_FALSE(table.empty());
    for (size_t i = 0; i < table.size(); ++i) {
      EXPECT_LE(table[i].first, table[i].last);
      if (i > 0) {
        EXPECT_GT(table[i].first, table[i - 1].last + 1);
      }
    }
    EXPECT_LE(table.back().last, 0x10FFFFu);
  }
}

TEST(UnicodeTables, ShareNoCodePoint) {
  for (const auto& space : unicode_white_space()) {
    for (char32_t c = space.first; c <= space.last; ++c) {
      EXPECT_FALSE(contains(unicode_letters(), c) || contains(unicode_numbers(), c));
    }
  }
  for (const auto& number : unicode_numbers()) {
    for (char32_t c = number.first; c <= number.last; ++c) {
      EXPECT_FALSE(contains(unicode_letters(), c));
    }
  }
}

}  // namespace
}  // namespace glassformer
