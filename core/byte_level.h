// GPT-2's alphabet for bytes. vocab.json and merges.txt cannot hold raw bytes, so they spell each
// of the 256 as one printable character: printable Latin-1 bytes as themselves, the others, in
// order, as U+0100 and up ("Ġ", U+0120, is the space). Radford et al. 2019, bytes_to_unicode.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace glassformer {

// The one character that spells a byte, as UTF-8.
std::string byte_level_spelling(uint8_t byte);

// The bytes that a token is spelled with, or nothing where it has a character that spells no byte.
std::optional<std::string> byte_level_decode(std::string_view spelling);

}  // namespace glassformer
