#include "core/byte_level.h"

#include <array>

#include "core/utf8.h"

namespace glassformer {
namespace {

constexpr int kBytes = 256;
constexpr int kUnprintable = 68;  // how many bytes are not spelled as themselves

constexpr bool spells_itself(int byte) {
  return (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

struct Alphabet {
  std::array<char32_t, kBytes> characters{};
  std::array<int, kBytes + kUnprintable> bytes{};  // -1 where a character spells none
};

constexpr Alphabet make_alphabet() {
  Alphabet alphabet;
  alphabet.bytes.fill(-1);
  int next = kBytes;
  for (int byte = 0; byte < kBytes; ++byte) {
    const int character = spells_itself(byte) ? byte : next++;
    alphabet.characters[static_cast<size_t>(byte)] = static_cast<char32_t>(character);
    alphabet.bytes[static_cast<size_t>(character)] = byte;
  }
  return alphabet;
}

constexpr Alphabet kAlphabet = make_alphabet();
static_assert(kAlphabet.bytes.back() == 0xAD, "the soft hyphen is the last unprintable byte");

}  // namespace

std::string byte_level_spelling(uint8_t byte) {
  const char32_t character = kAlphabet.characters[byte];
  if (character < 0x80) return {static_cast<char>(character)};
  return {static_cast<char>(0xC0 | character >> 6), static_cast<char>(0x80 | (character & 0x3F))};
}

std::optional<std::string> byte_level_decode(std::string_view spelling) {
  std::string bytes;
  for (size_t at = 0; at < spelling.size();) {
    const Utf8Character character = utf8_character_at(spelling, at);
    if (!character.valid || character.code_point >= kAlphabet.bytes.size()) return std::nullopt;
    const int byte = kAlphabet.bytes[character.code_point];
    if (byte < 0) return std::nullopt;
    bytes += static_cast<char>(byte);
    at += static_cast<size_t>(character.length);
  }
  return bytes;
}

}  // namespace glassformer
