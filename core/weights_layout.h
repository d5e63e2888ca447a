// The one table of a GPT-2's weights: name, shape and destination of every tensor that a model with
// a given Config stores. The reader, the converter and the parameter counts all follow it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/weights.h"

namespace glassformer {

struct WeightSlot {
  std::string name;            // Hugging Face's, without "transformer."
  std::vector<int64_t> shape;  // as the file has it
  uint64_t offset = 0;         // in floats from the start of Weights::memory
  // The member of Weights that it fills: one of the two.
  ConstTensorView* plain = nullptr;
  WeightMatrix* matrix = nullptr;
  MatrixOrder order = MatrixOrder::outputs_first;  // of the file

  int64_t size() const;         // elements in the file
  int64_t stored_size() const;  // floats in memory
};

// Sizes weights.blocks, sets the shape of every view and matrix in `weights`, and returns the slots
// in the model's own order. The slots point into `weights`, which must stay where it is.
std::vector<WeightSlot> lay_out_weights(const Config& config, Storage storage, Weights& weights);

// The floats that all slots take together.
uint64_t total_floats(const std::vector<WeightSlot>& slots);

// Allocates weights.memory and points every view, matrix and weights.named into it. False where
// there is not enough memory.
bool allocate_weights(const Config& config, const std::vector<WeightSlot>& slots, Weights& weights);

}  // namespace glassformer
