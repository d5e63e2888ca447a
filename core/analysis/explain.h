// Why a number is what it is: the formula that made it, and the numbers that went into it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/analysis/work.h"
#include "core/model.h"

namespace glassformer {

// A number that goes into another: an entry of an activation ("blocks.0.attn.hook_q"), of a weight
// by its Hugging Face name ("h.0.attn.c_attn.weight"), or, without an index, a symbol of the
// formula. `made_of` names the activation that a symbol is computed from, if it is one.
struct ExplainedFactor {
  std::string name;
  std::vector<int64_t> index;
  double value = 0;
  std::string made_of;
};

// One summand: the product of its factors.
struct ExplainedTerm {
  std::string label;  // "c = 12", "head 3", "bias"
  double value = 0;
  std::vector<ExplainedFactor> factors;
};

struct ExplainedSum {
  std::vector<ExplainedTerm> terms;  // the largest in absolute value first
  int64_t others = 0;                // how many terms are not listed ...
  double others_value = 0;           // ... and what they add up to
  double total = 0;                  // of all terms
};

// A symbol of the formula that is a sum itself: a mean, a softmax's denominator.
struct ExplainedQuantity {
  std::string symbol;
  std::string formula;
  double value = 0;
  ExplainedSum sum;
};

struct Explanation {
  std::string name;
  std::vector<int64_t> index;
  double value = 0;  // as the run gave it
  std::string formula;
  ExplainedSum sum;
  std::vector<ExplainedQuantity> quantities;
  // value - sum.total: what rounding to 32 bits did, or 8-bit weights, or an edit of this number.
  // 0 where both are infinite.
  double remainder = 0;
};

struct ExplainOptions {
  int terms = 20;  // how many are listed of each sum
  std::vector<Edit> edits;
};

// Explains one entry of an activation, or of "probabilities" [T,V], the softmax of the logits. The
// terms add up to the value, whatever the operation: where it is not a sum, as in gelu or the
// square root, it is written as one (gelu(x) = x * gate). An index that is negative counts from
// its axis's end. bad_name for an unknown activation, bad_option for an index outside it.
Work<Explanation> explain(const Model& model, std::vector<int32_t> tokens, std::string name,
                          std::vector<int64_t> index, ExplainOptions options);

}  // namespace glassformer
