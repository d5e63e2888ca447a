// What a safetensors header says about a model's weights: where every stored tensor goes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/safetensors.h"
#include "core/weights_layout.h"

namespace glassformer {

// A q8 file is a safetensors file with this key in its metadata, its value the number of weights
// that share a scale. A matrix is an I8 tensor under its name, in its usual shape, and an F32
// tensor NAME.scales of [outputs, blocks of inputs]; a weight is integer * scale.
inline constexpr const char* kQ8Key = "glassformer.q8.block";
inline constexpr const char* kScalesSuffix = ".scales";

// What the elements of a stored tensor are.
enum class Content { floats, integers, scales, skipped };

struct StoredTensor {
  Content content = Content::skipped;
  const WeightSlot* slot = nullptr;
  std::string name;  // without "transformer."
  std::vector<int64_t> shape;
  Dtype dtype = Dtype::f32;
  uint64_t end = 0;  // in bytes from the start of the file
};

struct WeightsPlan {
  std::vector<WeightSlot> slots;      // they point into the Weights
  std::vector<StoredTensor> tensors;  // in file order
};

// Lays out `weights` (nothing is allocated) and decides for every stored tensor where it goes.
// Without `storage`, weights are held as the file has them: q8 from a q8 file, f32 from any other.
// bad_weights for missing, unknown, wrongly shaped or wrongly typed tensors, naming the tensor.
Result<WeightsPlan> plan_weights(const Config& config, std::optional<Storage> storage,
                                 const SafetensorsHeader& header, Weights& weights);

}  // namespace glassformer
