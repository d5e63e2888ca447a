#include "core/safetensors.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/grouped_number.h"

namespace glassformer {

const char* dtype_name(Dtype dtype) {
  switch (dtype) {
    case Dtype::bool8:
      return "BOOL";
    case Dtype::u8:
      return "U8";
    case Dtype::i8:
      return "I8";
    case Dtype::i16:
      return "I16";
    case Dtype::i32:
      return "I32";
    case Dtype::i64:
      return "I64";
    case Dtype::f16:
      return "F16";
    case Dtype::bf16:
      return "BF16";
    case Dtype::f32:
      return "F32";
    case Dtype::f64:
      return "F64";
  }
  return "unknown";
}

int dtype_bytes(Dtype dtype) {
  switch (dtype) {
    case Dtype::bool8:
    case Dtype::u8:
    case Dtype::i8:
      return 1;
    case Dtype::i16:
    case Dtype::f16:
    case Dtype::bf16:
      return 2;
    case Dtype::i32:
    case Dtype::f32:
      return 4;
    case Dtype::i64:
    case Dtype::f64:
      return 8;
  }
  return 0;
}

const SafetensorsEntry* SafetensorsHeader::find(std::string_view name) const {
  const auto it = std::find_if(entries.begin(), entries.end(),
                               [&](const SafetensorsEntry& entry) { return entry.name == name; });
  return it == entries.end() ? nullptr : &*it;
}

Result<uint64_t> safetensors_header_length(std::span<const std::byte> first8, uint64_t file_bytes) {
  assert(first8.size() == 8);
  const auto bad = [](const std::string& what) {
    return Error{ErrorCode::bad_weights, "model.safetensors: " + what};
  };
  uint64_t length = 0;
  for (int i = 7; i >= 0; --i) length = length << 8 | std::to_integer<uint64_t>(first8[i]);
  if (length < 2) {
    return bad("the header length is " + std::to_string(length) +
               " bytes, too short for any header");
  }
  if (length > kMaxSafetensorsHeader) {
    return bad("the header length is " + grouped(length) + " bytes, more than the " +
               grouped(kMaxSafetensorsHeader) + " that a safetensors file may have");
  }
  if (file_bytes != 0 && (file_bytes < 8 || length > file_bytes - 8)) {
    return bad("the header length is " + grouped(length) + " bytes, but the file has only " +
               grouped(file_bytes));
  }
  return length;
}

std::string make_safetensors_header(std::vector<SafetensorsEntry>& entries,
                                    const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  uint64_t offset = 0;
  for (SafetensorsEntry& entry : entries) {
    uint64_t bytes = static_cast<uint64_t>(dtype_bytes(entry.dtype));
    for (const int64_t dimension : entry.shape) bytes *= static_cast<uint64_t>(dimension);
    entry.begin = offset;
    entry.end = offset += bytes;
    header[entry.name] = {{"dtype", dtype_name(entry.dtype)},
                          {"shape", entry.shape},
                          {"data_offsets", {entry.begin, entry.end}}};
  }
  // The default error handler would abort on a name that is not UTF-8.
  std::string json = header.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  json.append((8 - json.size() % 8) % 8, ' ');

  std::string file;
  for (int i = 0; i < 8; ++i) file += static_cast<char>(uint64_t{json.size()} >> (8 * i) & 0xff);
  return file + json;
}

}  // namespace glassformer
