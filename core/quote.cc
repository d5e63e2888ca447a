#include "core/quote.h"

#include <cstdint>

#include "core/utf8.h"

namespace glassformer {
namespace {

bool is_printable(char32_t c) {
  if (c < 0x20 || (c >= 0x7F && c < 0xA0)) return false;  // control characters
  if (c == 0xAD || c == 0x61C || c == 0xFEFF) return false;
  if (c >= 0x200B && c <= 0x200F)
    return false;  // zero width, left-to-right and right-to-left marks
  if (c >= 0x2028 && c <= 0x202E) return false;    // line separators, embeddings and overrides
  if (c >= 0x2060 && c <= 0x206F) return false;    // invisible operators, isolates
  if (c >= 0xFFF0 && c <= 0xFFFB) return false;    // interlinear annotations
  if (c >= 0xE0000 && c <= 0xE0FFF) return false;  // tags
  return true;
}

void append_escaped(std::string& out, std::string_view bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  for (const char c : bytes) {
    const auto byte = static_cast<uint8_t>(c);
    out += "\\x";
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
}

}  // namespace

std::string Quoted::operator()(std::string_view text) const {
  std::string out = "\"";
  size_t at = 0;
  for (int shown = 0; at < text.size() && shown < kMaxQuotedCharacters; ++shown) {
    const Utf8Character character = utf8_character_at(text, at);
    const std::string_view bytes = text.substr(at, character.length);
    if (bytes == "\"" || bytes == "\\") {
      out += '\\';
      out += bytes;
    } else if (character.valid && is_printable(character.code_point)) {
      out += bytes;
    } else {
      append_escaped(out, bytes);
    }
    at += bytes.size();
  }
  if (at < text.size()) out += "...";
  out += '"';
  return out;
}

}  // namespace glassformer
