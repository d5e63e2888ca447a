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
  set,    // x = value(s)
  patch,  // x = the same elements of another run's activation, which is given whole
  mean,   // x = the mean of x over the positions of this pass, for each head and column (mean
          // ablation); masked entries do not count
};

// What an axis is narrowed to: begin <= i < end. Negative numbers count from the axis's end, and an
// end of 0 after a negative begin is that end: {-1, 0} is the last element.
struct AxisRange {
  int64_t begin = 0;
  int64_t end = 0;
  friend bool operator==(const AxisRange&, const AxisRange&) = default;
};

// The range with its ends counted from the beginning of an axis of `size`; not checked against it.
AxisRange resolve(AxisRange range, int64_t size);

// Without a range, an edit takes the whole axis. A token may not see later ones, edited or not:
// the masked entries of attn_scores and pattern are left as they are by every edit.
struct Edit {
  ActivationId activation;
  EditOperation operation = EditOperation::zero;
  std::optional<AxisRange> head;      // axis H of q, k, v, z, result, attn_scores, pattern
  std::optional<AxisRange> position;  // axis T, counted within the whole context: positions that
                                      // are not in the pass at hand are not touched by it. The
                                      // query axis of attn_scores and pattern
  std::optional<AxisRange> neuron;    // the last axis: C, D, F, V, or the key axis S
  std::vector<float> values;          // scale, add, set: one for all, or one for each selected
                                      // element in row-major order of the activation's shape;
                                      // patch: all of the other run's, whose length is this one's
};

// Parses a JSON array of edits:
//   [{"name": "blocks.0.attn.hook_z", "op": "zero", "head": 3},
//    {"name": "blocks.2.mlp.hook_post", "op": "scale", "value": 2, "neuron": [10, 20]},
//    {"name": "blocks.1.hook_resid_pre", "op": "patch", "position": -1, "value": [[0.1, ...],
//    ...]}]
// head, position and neuron are an index or a half-open range [begin, end] as in AxisRange; value
// is a number or an array of numbers, nested or flat; for patch, a whole activation. bad_edit names
// the edit's place in the array (from 0) and what is wrong in it; an unknown name is answered with
// the nearest valid one.
Result<std::vector<Edit>> parse_edits(std::string_view json, const Config& config);

// An edit whose ranges have been resolved against the shapes of one pass.
struct PlannedEdit {
  Edit edit;
  AxisRange heads;  // {0, 1} where the activation has no heads
  AxisRange positions;
  AxisRange columns;
};

// Checks the edits against a pass of `tokens` new positions after `past` earlier ones, before
// anything is computed: ranges that are not empty and lie inside their axes, and as many values as
// selected elements, or as the whole activation has where it patches (bad_edit). A patch becomes a
// set.
Result<std::vector<PlannedEdit>> plan_edits(std::span<const Edit> edits, const Config& config,
                                            int tokens, int past);

// Applies, in order, the edits of this activation to its values, in place. `tensor` is [T,X] or
// [T,H,D]; its first row is the context's position `first_position`. attn_scores and pattern are
// computed one head at a time: there it is [T,S] of `head`.
void apply_edits(std::span<const PlannedEdit> edits, ActivationId activation, TensorView tensor,
                 int64_t first_position, int64_t head = 0);

}  // namespace glassformer
