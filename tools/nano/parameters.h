// The weights of a GPT-2 as training needs them: one vector of numbers, of which each tensor is a
// stretch.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/config.h"

namespace glassformer::nano {

struct Parameter {
  std::string name;            // Hugging Face's, without "transformer."
  std::vector<int64_t> shape;  // as the file has it: matrices are [inputs, outputs] (Conv1D)
  size_t offset = 0;           // of its first number in the vector

  size_t size() const;
  bool is_matrix() const { return shape.size() == 2; }
};

// The tensors of a model in the order of core's table of weights.
class Parameters {
 public:
  explicit Parameters(const Config& config);

  const std::vector<Parameter>& all() const { return all_; }
  // There is one of that name.
  const Parameter& named(std::string_view name) const;
  // Of the vector.
  size_t size() const { return size_; }

  // GPT-2's initial weights: normal, biases 0, layer norms 1, and what writes into the residual
  // stream divided by sqrt(2 n_layer) (Radford et al. 2019, section 2.3). GPT-2's standard
  // deviation is 0.02 for a width of 768; a narrow model needs more for its sums to come to the
  // same.
  std::vector<float> initial(const Config& config, uint64_t seed) const;

 private:
  std::vector<Parameter> all_;
  size_t size_ = 0;
};

}  // namespace glassformer::nano
