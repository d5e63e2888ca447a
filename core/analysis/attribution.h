// Direct logit attribution: who wrote a logit into the residual stream (Elhage et al. 2021, "A
// Mathematical Framework for Transformer Circuits", section "Residual stream as a sum").
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/analysis/work.h"
#include "core/model.h"

namespace glassformer {

struct AttributionOptions {
  int position = -1;               // whose logits; negative counts from the end
  std::optional<int32_t> token;    // absent: the most probable one there
  std::optional<int32_t> against;  // then all numbers are differences: token minus against
  std::vector<Edit> edits;
};

struct AttributionTerm {
  enum class Kind {
    token_embedding,
    position_embedding,
    head,
    attention_bias,  // of the output projection, once for all heads of a block
    mlp,             // with its bias
    final_bias,      // the final layer norm's bias, unembedded
  };
  Kind kind;
  int block = 0;
  int head = 0;
  double value = 0;
};

const char* attribution_kind_name(AttributionTerm::Kind kind);

struct Attribution {
  int position = 0;
  int32_t token = 0;
  std::optional<int32_t> against;
  double value = 0;                    // the logit, or the difference, as the run gave it
  std::vector<AttributionTerm> terms;  // in the order of computation
  double sum = 0;                      // of the terms
  // value - sum: rounding, that of 8-bit weights too, or what edits of the residual stream put in.
  double remainder = 0;
};

// The residual stream is a sum of what the layers write, and the final layer norm is linear once
// its scale is known: a writer's part v of the stream adds
//   sum over c of gamma[c] W_U[token,c] (v[c] - mean(v)) / scale
// to the logit, with the scale of this run (it is held fixed, as everybody does who uses this).
Work<Attribution> logit_attribution(const Model& model, std::vector<int32_t> tokens,
                                    AttributionOptions options);

}  // namespace glassformer
