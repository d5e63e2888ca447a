// Each operation of the forward pass, written out for one number of its output.
#pragma once

#include <span>

#include "core/analysis/explain.h"
#include "core/model.h"

namespace glassformer {

// Reads a trace that begins at position 0 and has what the operation reads.
class ExplainedOperations {
 public:
  ExplainedOperations(const Model& model, std::span<const int32_t> tokens, const Trace& trace)
      : model_(model), tokens_(tokens), trace_(trace) {}

  // Value, formula and sums; all terms are there, in the order of the formula.
  Explanation activation(ActivationId id, std::span<const int64_t> index) const;
  // One entry of the softmax of the logits.
  Explanation probability(std::span<const int64_t> index) const;

 private:
  struct Input;
  ExplainedFactor entry(ActivationId id, std::vector<int64_t> index) const;
  Explanation embedding(ActivationId id, std::span<const int64_t> index) const;
  Explanation stream(ActivationId id, std::span<const int64_t> index) const;
  Explanation layer_norm_scale(ActivationId id, std::span<const int64_t> index) const;
  Explanation layer_norm_normalized(ActivationId id, std::span<const int64_t> index) const;
  Explanation projected(ActivationId id, std::span<const int64_t> index) const;
  Explanation score(ActivationId id, std::span<const int64_t> index) const;
  Explanation weight_of_attention(ActivationId id, std::span<const int64_t> index) const;
  Explanation mixed_value(ActivationId id, std::span<const int64_t> index) const;
  Explanation head_result(ActivationId id, std::span<const int64_t> index) const;
  Explanation attention_output(ActivationId id, std::span<const int64_t> index) const;
  Explanation nonlinearity(ActivationId id, std::span<const int64_t> index) const;

  const Model& model_;
  std::span<const int32_t> tokens_;
  const Trace& trace_;
};

// Sorts a sum's terms by absolute value and keeps the first `most`.
void shorten(ExplainedSum& sum, int most);

}  // namespace glassformer
