// The safetensors container (github.com/huggingface/safetensors): 8 bytes of little-endian header
// length, a JSON header, then the tensors' bytes. Every field is distrusted before it is used.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace glassformer {

enum class Dtype { bool8, u8, i8, i16, i32, i64, f16, bf16, f32, f64 };

const char* dtype_name(Dtype dtype);  // "F32", "BF16", ... as safetensors spells it
int dtype_bytes(Dtype dtype);

struct SafetensorsEntry {
  std::string name;
  Dtype dtype = Dtype::f32;
  std::vector<int64_t> shape;
  uint64_t begin = 0;  // byte offsets from the start of the data section
  uint64_t end = 0;
};

struct SafetensorsHeader {
  std::map<std::string, std::string> metadata;
  std::vector<SafetensorsEntry> entries;  // in file order: sorted by begin
  uint64_t data_start = 0;                // where the data section begins in the file
  uint64_t data_bytes = 0;                // its length

  const SafetensorsEntry* find(std::string_view name) const;
};

// The reference implementation's own cap; a longer header is an attack or damage.
inline constexpr uint64_t kMaxSafetensorsHeader = 100'000'000;

// The header's length from the file's first 8 bytes, checked against the cap and, where the file's
// size is known (not 0), against that.
Result<uint64_t> safetensors_header_length(std::span<const std::byte> first8, uint64_t file_bytes);

// Parses the header's JSON. Checks: known dtypes, non-negative shapes whose product does not
// overflow, offsets that agree with shape and dtype, no hole or overlap, no name twice, and (where
// file_bytes is not 0) that the data section ends where the file ends.
Result<SafetensorsHeader> parse_safetensors_header(std::string_view json, uint64_t file_bytes);

// The 8 length bytes and the JSON header, padded with spaces to a multiple of 8, for entries whose
// begin and end are filled in here, in the order given.
std::string make_safetensors_header(std::vector<SafetensorsEntry>& entries,
                                    const std::map<std::string, std::string>& metadata);

}  // namespace glassformer
