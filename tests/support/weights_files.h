// Small model.safetensors files, made up for tests.
#pragma once

#include <bit>
#include <cstring>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/config.h"
#include "core/half.h"
#include "core/weights_layout.h"

namespace glassformer::testing_support {

inline Config tiny_config() {
  return {.n_layer = 2, .n_head = 2, .n_embd = 4, .n_positions = 3, .n_inner = 6, .vocab_size = 5};
}

struct TestTensor {
  std::string name;
  std::string dtype;
  std::vector<int64_t> shape;
  std::string bytes;
};

// The value of element i of the tensor at `place` in the file: a multiple of 1/8 below 64, which
// f16 and bf16 hold exactly.
inline float test_value(size_t place, int64_t i) {
  return static_cast<float>((static_cast<int64_t>(place) * 37 + i * 11) % 128 - 64) / 8;
}

inline std::string encode(float value, const std::string& dtype) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  uint32_t stored = bits;
  size_t size = 4;
  if (dtype == "F16") stored = f32_to_f16(value), size = 2;
  if (dtype == "BF16") stored = bits >> 16, size = 2;
  std::string bytes(size, '\0');
  std::memcpy(bytes.data(), &stored, size);
  return bytes;
}

// The tensors that a model with this configuration stores, filled with test_value.
inline std::vector<TestTensor> make_tensors(const Config& config, const std::string& dtype = "F32",
                                            const std::string& prefix = "") {
  Weights shapes;
  std::vector<TestTensor> tensors;
  for (const WeightSlot& slot : lay_out_weights(config, Storage::f32, shapes)) {
    TestTensor tensor{prefix + slot.name, dtype, slot.shape, {}};
    for (int64_t i = 0; i < slot.size(); ++i) {
      tensor.bytes += encode(test_value(tensors.size(), i), dtype);
    }
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

// The header's 8 bytes of length, the header, the data.
inline std::string make_file(const std::string& header, const std::string& data) {
  std::string file(8, '\0');
  const uint64_t length = header.size();
  std::memcpy(file.data(), &length, 8);
  return file + header + data;
}

inline std::string make_file(const std::vector<TestTensor>& tensors,
                             const nlohmann::ordered_json& metadata = nullptr) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.is_null()) header["__metadata__"] = metadata;
  std::string data;
  for (const TestTensor& tensor : tensors) {
    header[tensor.name] = {{"dtype", tensor.dtype},
                           {"shape", tensor.shape},
                           {"data_offsets", {data.size(), data.size() + tensor.bytes.size()}}};
    data += tensor.bytes;
  }
  return make_file(header.dump(), data);
}

}  // namespace glassformer::testing_support
