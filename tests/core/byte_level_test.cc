#include "core/byte_level.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace glassformer {
namespace {

TEST(ByteLevel, SpellsPrintableBytesAsThemselves) {
  for (const int byte : {0x21, 0x41, 0x7E, 0xA1, 0xAC, 0xAE, 0xFF}) {
    EXPECT_EQ(byte_level_character(static_cast<uint8_t>(byte)), static_cast<char32_t>(byte));
  }
}

TEST(ByteLevel, SpellsTheOthersInOrderFromU0100) {
  EXPECT_EQ(byte_level_character(0x00), 0x100u);
  EXPECT_EQ(byte_level_character('\n'), U'Ċ');
  EXPECT_EQ(byte_level_character(' '), U'Ġ');
  EXPECT_EQ(byte_level_character(0x7F), 0x121u);
  EXPECT_EQ(byte_level_character(0x80), 0x122u);
  EXPECT_EQ(byte_level_character(0xA0), 0x142u);
  EXPECT_EQ(byte_level_character(0xAD), 0x143u);
}

TEST(ByteLevel, GivesEveryByteACharacterOfItsOwn) {
  std::set<char32_t> characters;
  for (int byte = 0; byte < 256; ++byte) {
    characters.insert(byte_level_character(static_cast<uint8_t>(byte)));
  }
  EXPECT_EQ(characters.size(), 256u);
}

TEST(ByteLevel, DecodesTheSpellingOfEveryByte) {
  for (int byte = 0; byte < 256; ++byte) {
    const char32_t c = byte_level_character(static_cast<uint8_t>(byte));
    const std::string spelling = c < 0x80 ? std::string(1, static_cast<char>(c))
                                          : std::string{static_cast<char>(0xC0 | c >> 6),
                                                        static_cast<char>(0x80 | (c & 0x3F))};
    EXPECT_EQ(byte_level_decode(spelling), std::string(1, static_cast<char>(byte))) << byte;
  }
}

TEST(ByteLevel, DecodesTokens) {
  EXPECT_EQ(byte_level_decode("Ġhello"), " hello");
  EXPECT_EQ(byte_level_decode("æľĪ"), "月");
  EXPECT_EQ(byte_level_decode(""), "");
}

TEST(ByteLevel, HasNoBytesForOtherCharacters) {
  EXPECT_EQ(byte_level_decode("two words"), std::nullopt);  // a space is spelled Ġ
  EXPECT_EQ(byte_level_decode("\u00ad"), std::nullopt);
  EXPECT_EQ(byte_level_decode("\u0144"), std::nullopt);
  EXPECT_EQ(byte_level_decode("月"), std::nullopt);
  EXPECT_EQ(byte_level_decode("\xff"), std::nullopt);
}

}  // namespace
}  // namespace glassformer
