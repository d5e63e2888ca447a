#include "core/utf8.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace glassformer {
namespace {

void expect_character(std::string_view bytes, char32_t code_point) {
  const Utf8Character character = utf8_character_at(bytes, 0);
  EXPECT_TRUE(character.valid);
  EXPECT_EQ(character.code_point, code_point);
  EXPECT_EQ(character.length, static_cast<int>(bytes.size()));
}

void expect_one_invalid_byte(std::string_view bytes) {
  const Utf8Character character = utf8_character_at(bytes, 0);
  EXPECT_FALSE(character.valid) << testing::PrintToString(bytes);
  EXPECT_EQ(character.length, 1) << testing::PrintToString(bytes);
}

// The Unicode Standard, table 3-6: how many bits go into which byte.
std::string encode(char32_t c) {
  const auto tail = [c](int shift) { return static_cast<char>(0x80 | (c >> shift & 0x3F)); };
  if (c < 0x80) return {static_cast<char>(c)};
  if (c < 0x800) return {static_cast<char>(0xC0 | c >> 6), tail(0)};
  if (c < 0x10000) return {static_cast<char>(0xE0 | c >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | c >> 18), tail(12), tail(6), tail(0)};
}

TEST(Utf8, DecodesTheFirstAndLastCharacterOfEveryLength) {
  expect_character(std::string_view("\0", 1), 0);
  expect_character("\x7f", 0x7F);
  expect_character("\xc2\x80", 0x80);
  expect_character("\xdf\xbf", 0x7FF);
  expect_character("\xe0\xa0\x80", 0x800);
  expect_character("\xef\xbf\xbf", 0xFFFF);
  expect_character("\xf0\x90\x80\x80", 0x10000);
  expect_character("\xf4\x8f\xbf\xbf", 0x10FFFF);
}

TEST(Utf8, DecodesEveryCodePointThatIsNotASurrogate) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    const std::string bytes = encode(c);
    const Utf8Character character = utf8_character_at(bytes, 0);
    const bool surrogate = c >= 0xD800 && c <= 0xDFFF;
    ASSERT_EQ(character.valid, !surrogate) << static_cast<uint32_t>(c);
    if (surrogate) continue;
    ASSERT_EQ(character.code_point, c);
    ASSERT_EQ(character.length, static_cast<int>(bytes.size()));
  }
}

TEST(Utf8, ReportsAStrayContinuationByteAlone) {
  expect_one_invalid_byte("\x80");
  expect_one_invalid_byte(
      "\xbf"
      "a");
}

TEST(Utf8, ReportsOverlongFormsByteByByte) {
  expect_one_invalid_byte("\xc0\x80");
  expect_one_invalid_byte("\xc1\xbf");
  expect_one_invalid_byte("\xe0\x80\x80");
  expect_one_invalid_byte("\xe0\x9f\xbf");
  expect_one_invalid_byte("\xf0\x80\x80\x80");
  expect_one_invalid_byte("\xf0\x8f\xbf\xbf");
}

TEST(Utf8, ReportsSurrogatesByteByByte) {
  expect_one_invalid_byte("\xed\xa0\x80");
  expect_one_invalid_byte("\xed\xbf\xbf");
  expect_character("\xed\x9f\xbf", 0xD7FF);
  expect_character("\xee\x80\x80", 0xE000);
}

TEST(Utf8, ReportsValuesAboveTheLastCodePoint) {
  expect_one_invalid_byte("\xf4\x90\x80\x80");
  expect_one_invalid_byte("\xf5\x80\x80\x80");
  expect_one_invalid_byte("\xf8\x88\x80\x80\x80");
  expect_one_invalid_byte("\xfe");
  expect_one_invalid_byte("\xff");
}

TEST(Utf8, ReportsATruncatedCharacterByteByByte) {
  expect_one_invalid_byte("\xc3");
  expect_one_invalid_byte("\xe6\x9c");
  expect_one_invalid_byte("\xf0\x9f\xa6");
}

TEST(Utf8, ReportsACharacterThatAnotherOneInterrupts) {
  expect_one_invalid_byte(
      "\xe6"
      "abc");
  expect_one_invalid_byte(
      "\xe6\x9c"
      "a");
  expect_one_invalid_byte("\xf0\x9f\xa6\xe6\x9c\x88");
}

}  // namespace
}  // namespace glassformer
