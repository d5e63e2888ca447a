#include "core/byte_level.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace glassformer {
namespace {

TEST(ByteLevel, SpellsPrintableBytesAsTheirLatin1Characters) {
  EXPECT_EQ(byte_level_spelling('!'), "!");
  EXPECT_EQ(byte_level_spelling('A'), "A");
  EXPECT_EQ(byte_level_spelling('~'), "~");
  EXPECT_EQ(byte_level_spelling(0xA1), "¡");
  EXPECT_EQ(byte_level_spelling(0xAC), "¬");
  EXPECT_EQ(byte_level_spelling(0xAE), "®");
  EXPECT_EQ(byte_level_spelling(0xFF), "ÿ");
}

TEST(ByteLevel, SpellsTheOthersInOrderFromU0100) {
  EXPECT_EQ(byte_level_spelling(0x00), "\u0100");
  EXPECT_EQ(byte_level_spelling('\n'), "Ċ");
  EXPECT_EQ(byte_level_spelling(' '), "Ġ");
  EXPECT_EQ(byte_level_spelling(0x7F), "\u0121");
  EXPECT_EQ(byte_level_spelling(0x80), "\u0122");
  EXPECT_EQ(byte_level_spelling(0xA0), "\u0142");
  EXPECT_EQ(byte_level_spelling(0xAD), "\u0143");
}

TEST(ByteLevel, GivesEveryByteASpellingThatDecodesToIt) {
  std::set<std::string> spellings;
  for (int byte = 0; byte < 256; ++byte) {
    const std::string spelling = byte_level_spelling(static_cast<uint8_t>(byte));
    EXPECT_EQ(byte_level_decode(spelling), std::string(1, static_cast<char>(byte))) << byte;
    spellings.insert(spelling);
  }
  EXPECT_EQ(spellings.size(), 256u);
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
