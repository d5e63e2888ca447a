// Bytes -> typed weights. A model file is streamed through WeightsReader in chunks of any size and
// converted on the way into one block of memory, so there is never a second full copy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/config.h"
#include "core/result.h"
#include "core/safetensors.h"
#include "core/tensor.h"
#include "core/weight_matrix.h"

namespace glassformer {

// y = x W + b. The file has W [inputs, outputs], as GPT-2's Conv1D stores it; b is [outputs].
struct Linear {
  WeightMatrix weight;
  ConstTensorView bias;
};

struct LayerNorm {
  ConstTensorView weight;  // gamma [C]
  ConstTensorView bias;    // beta [C]
};

struct BlockWeights {
  LayerNorm ln_1;
  Linear attn_c_attn;  // C to 3C: queries, keys, values side by side
  Linear attn_c_proj;  // C to C
  LayerNorm ln_2;
  Linear mlp_c_fc;    // C to F
  Linear mlp_c_proj;  // F to C
};

// One weight tensor under its Hugging Face name without the "transformer." prefix
// ("h.0.attn.c_attn.weight", "wte.weight", "lm_head.weight"), in the shape that a file gives it.
struct NamedWeight {
  std::string name;
  std::vector<int64_t> shape;
  ConstTensorView plain;  // where it lies in memory in its own order...
  WeightMatrix matrix;    // ...or else as a matrix
  MatrixOrder order = MatrixOrder::outputs_first;

  int64_t size() const;
  bool is_quantized() const { return !plain.data && matrix.storage == Storage::q8; }
  // Copies the elements from `first` on, in row-major order of the shape.
  void read(int64_t first, std::span<float> values) const;
};

// All weights of a model. Owns their memory; the views point into it. Movable, not copyable.
struct Weights {
  WeightMatrix wte;     // C to V: the row of a token is its embedding
  ConstTensorView wpe;  // [n_positions, C]
  std::vector<BlockWeights> blocks;
  LayerNorm ln_f;
  WeightMatrix lm_head;  // C to V; the same memory as wte where tied
  std::vector<NamedWeight>
      named;  // every stored tensor, in the model's own order; a tied head is not listed
  Storage storage = Storage::f32;  // how the matrices are held
  std::string file_dtype;          // how the file stored them: "F32", "F16", "BF16", or "Q8"
  FloatBuffer memory;
  uint64_t version = 0;  // another after each change (weight_edits.h)

  int64_t parameter_count() const;
  uint64_t bytes() const { return memory.size() * sizeof(float); }
  const NamedWeight* find(std::string_view name) const;
};

// A push parser for model.safetensors: feed() the file's bytes in order, then finish().
//
// Accepts F32, F16, BF16 and our own q8 files (weights_plan.h); names with or without the
// "transformer." prefix; skips the causal-mask buffers (h.N.attn.bias, h.N.attn.masked_bias) and a
// redundant lm_head.weight of a tied model. Refuses (bad_weights) whatever safetensors.h refuses,
// missing, unknown or wrongly shaped tensors, other dtypes, a value that is not finite, and a file
// that ends early; each message names the tensor. The weights' memory is allocated only after the
// whole header has been checked.
class WeightsReader {
 public:
  // file_bytes: the file's size, or 0 where it is not known.
  // storage: how to hold the matrices; absent, as the file has them (q8 from a q8 file, f32 else).
  WeightsReader(const Config& config, uint64_t file_bytes,
                std::optional<Storage> storage = std::nullopt);
  WeightsReader(WeightsReader&&) noexcept;
  WeightsReader& operator=(WeightsReader&&) noexcept;
  ~WeightsReader();

  // After an error every further call returns that error.
  Status feed(std::span<const std::byte> chunk);
  Result<Weights> finish();

  uint64_t bytes_read() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace glassformer
