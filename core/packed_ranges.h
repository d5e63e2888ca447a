// Tables of ranges as a program carries them: how far each begins beyond the one before it, and how
// long it is, in as many bytes of 7 bits as it takes. A quarter of what the numbers themselves
// take, in a module that everybody downloads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/unicode_tables.h"

namespace glassformer {

template <class Put>
constexpr void pack_number(char32_t number, Put put) {
  for (; number >= 0x80; number >>= 7) put(static_cast<uint8_t>(number | 0x80));
  put(static_cast<uint8_t>(number));
}

template <class Put>
constexpr void pack_ranges(std::span<const CodePointRange> ranges, Put put) {
  char32_t end = 0;
  for (const CodePointRange& range : ranges) {
    pack_number(range.first - end, put);
    pack_number(range.last - range.first, put);
    end = range.last;
  }
}

template <const auto& kRanges>
consteval auto packed() {
  constexpr size_t kBytes = [] {
    size_t count = 0;
    pack_ranges(kRanges, [&](uint8_t) { ++count; });
    return count;
  }();
  std::array<uint8_t, kBytes> bytes{};
  size_t at = 0;
  pack_ranges(kRanges, [&](uint8_t byte) { bytes[at++] = byte; });
  return bytes;
}

inline std::vector<CodePointRange> unpack_ranges(std::span<const uint8_t> bytes) {
  size_t at = 0;
  const auto number = [&] {
    char32_t value = 0;
    int shift = 0;
    for (; bytes[at] & 0x80; shift += 7) value |= char32_t{bytes[at++] & 0x7fu} << shift;
    return value | char32_t{bytes[at++]} << shift;
  };
  std::vector<CodePointRange> ranges;
  char32_t end = 0;
  while (at < bytes.size()) {
    const char32_t first = end + number();
    end = first + number();
    ranges.push_back({first, end});
  }
  return ranges;
}

// The ranges, unpacked when they are first asked for.
template <const auto& kRanges>
std::span<const CodePointRange> unpacked() {
  static constexpr auto kBytes = packed<kRanges>();
  static const std::vector<CodePointRange> ranges = unpack_ranges(kBytes);
  return ranges;
}

}  // namespace glassformer
