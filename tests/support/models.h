// Models and reference traces of the repository.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/model.h"
#include "core/safetensors.h"
#include "tests/support/files.h"

namespace glassformer::testing_support {

inline std::span<const std::byte> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

// A model by its folder in the repository. A test cannot go on without it, so failure ends it.
inline Model load_model(const std::string& folder, std::optional<Storage> storage = {}) {
  Result<Config> config = parse_config(read_repository_file(folder + "/config.json"));
  if (!config) {
    ADD_FAILURE() << folder << ": " << config.error().message;
    std::abort();
  }
  const std::string file = read_repository_file(folder + "/model.safetensors");
  WeightsReader reader(*config, file.size(), storage);
  const Status fed = reader.feed(as_bytes(file));
  Result<Weights> weights = reader.finish();
  if (!weights) {
    ADD_FAILURE() << folder << ": " << weights.error().message;
    std::abort();
  }
  return {*std::move(config), *std::move(weights)};
}

// A tensor that owns its numbers.
struct Tensor {
  std::vector<int64_t> dims;
  std::vector<float> data;
};

struct TensorFile {
  std::map<std::string, std::string> metadata;
  std::map<std::string, Tensor> tensors;
};

// All tensors of a safetensors file in the repository, which are F32.
inline TensorFile read_tensors(const std::string& path) {
  const std::string file = read_repository_file(path);
  TensorFile result;
  if (file.size() < 8) {
    ADD_FAILURE() << "no file " << path;
    return result;
  }
  const auto length = safetensors_header_length(as_bytes(file).first(8), file.size());
  const auto header =
      parse_safetensors_header(std::string_view(file).substr(8, *length), file.size());
  result.metadata = header->metadata;
  for (const SafetensorsEntry& entry : header->entries) {
    Tensor& tensor = result.tensors[entry.name];
    EXPECT_EQ(entry.dtype, Dtype::f32) << entry.name;
    tensor.dims = entry.shape;
    tensor.data.resize((entry.end - entry.begin) / sizeof(float));
    std::memcpy(tensor.data.data(), file.data() + header->data_start + entry.begin,
                entry.end - entry.begin);
  }
  return result;
}

// Runs `tokens` on an empty cache.
inline ForwardPass run_fresh(const Model& model, std::span<const int32_t> tokens,
                             const RunOptions& options) {
  KvCache cache = *KvCache::create(model.config);
  Result<ForwardPass> pass = run(model, cache, tokens, options);
  if (!pass) {
    ADD_FAILURE() << pass.error().message;
    std::abort();
  }
  return *std::move(pass);
}

// An activation that a run captured, by its full name.
inline ConstTensorView captured(const ForwardPass& pass, std::string_view name) {
  for (const Trace::Entry& entry : pass.trace().entries()) {
    if (activation_name(entry.id) == name) return entry.tensor;
  }
  ADD_FAILURE() << name << " was not captured";
  return {};
}

}  // namespace glassformer::testing_support
