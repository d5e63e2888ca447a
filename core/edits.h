// Interventions: an edit changes an activation at the moment it is computed, before anything
// downstream reads it (activation patching: Meng et al. 2022, "causal tracing"; ablation).
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/config.h"
#include "core/result.h"
#include "core/tensor.h"
#include "core/trace.h"

namespace glassformer {

enum class EditOperation {
  zero,   // x = 0
  scale,  // x = x * value
  add,    // x = x + value(s)
  set,    // x = value(s); with the values of another run's activation this is patching
  mean,   // x = the mean of x over the pass's positions (mean ablation, positions axis T)
};

// What an axis is narrowed to: begin <= i < end. Without a range, the whole axis.
struct AxisRange {
  int64_t begin = 0;
  int64_t end = 0;
};

struct Edit {
  ActivationId activation;
  EditOperation operation = EditOperation::zero;
  std::optional<AxisRange> head;      // axis H of q, k, v, z, result, attn_scores, pattern
  std::optional<AxisRange> position;  // axis T, counted within the whole context; the query axis
                                      // of attn_scores and pattern
  std::optional<AxisRange> neuron;    // the last axis: C, D, F, V, or the key axis S
  std::vector<float> values;          // scale, add, set: one for all, or one for each selected
                                      // element in row-major order
};

// Parses a JSON array of edits:
//   [{"name": "blocks.0.attn.hook_z", "op": "zero", "head": 3},
//    {"name": "blocks.2.mlp.hook_post", "op": "scale", "value": 2, "neuron": [10, 20]},
//    {"name": "blocks.1.hook_resid_pre", "op": "set", "position": 4, "value": [0.1, ...]}]
// head, position and neuron are an index or a half-open range [begin, end]; negative position
// counts from the end and is therefore resolved when the edit is applied. bad_edit names the edit's
// place in the array and what is wrong in it; an unknown name is answered with the nearest valid
// one.
Result<std::vector<Edit>> parse_edits(std::string_view json, const Config& config);

// Checks the edits against the shapes of a pass before it starts: ranges inside their axes and as
// many values as selected elements.
Status check_edits(std::span<const Edit> edits, const Config& config, int tokens, int past);

// Applies, in order, the edits of this activation to its tensor. For activations computed one head
// at a time (attn_scores, pattern), `tensor` is that head's [T, S] and `head` its index; otherwise
// head is -1. `past` positions precede the tensor's first.
void apply_edits(std::span<const Edit> edits, ActivationId activation, TensorView tensor, int head,
                 int past);

}  // namespace glassformer
