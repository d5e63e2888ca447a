#include "core/scratch.h"

#include <algorithm>
#include <array>

#include "core/grouped_number.h"
#include "core/matrix_product.h"
#include "core/threads.h"

namespace glassformer {

namespace {

// The views with their dimensions, without memory.
Scratch shapes_of(const Config& config, Storage storage, const RunPlan& plan) {
  const int64_t T = plan.new_positions, S = plan.positions(), C = config.n_embd, H = config.n_head,
                D = config.head_width(), F = config.n_inner, V = config.vocab_size;
  bool needs_result = plan.captures(Hook::result);
  for (int i = plan.first_block; i < plan.end_block; ++i) {
    needs_result = needs_result || plan.changes(Hook::result, i);
  }
  Scratch scratch;
  scratch.residual = view2<float>(nullptr, T, C);
  scratch.normalized = view2<float>(nullptr, T, C);
  scratch.scale = view2<float>(nullptr, T, 1);
  scratch.qkv = view2<float>(nullptr, T, 3 * C);
  scratch.q = scratch.k = scratch.v = view3<float>(nullptr, T, H, D);
  scratch.scores = view3<float>(
      nullptr, plan.hooks_attention() ? H : std::min<int64_t>(thread_count(), H), T, S);
  scratch.z = view3<float>(nullptr, T, H, D);
  scratch.result = view3<float>(nullptr, needs_result ? T : 0, H, C);
  scratch.hidden = view2<float>(nullptr, T, F);
  scratch.layer_out = view2<float>(nullptr, T, C);
  scratch.logits = view2<float>(nullptr, plan.logits_in_trace() ? 0 : plan.logit_rows(), V);

  scratch.workspace =
      view1<float>(nullptr, std::max(workspace_size(storage, C), workspace_size(storage, F)));

  return scratch;
}

std::array<TensorView*, 14> views_of(Scratch& s) {
  return {&s.residual, &s.normalized, &s.scale,  &s.qkv,    &s.q,         &s.k,      &s.v,
          &s.scores,   &s.z,          &s.result, &s.hidden, &s.layer_out, &s.logits, &s.workspace};
}

}  // namespace

uint64_t scratch_size(const Config& config, Storage storage, const RunPlan& plan) {
  Scratch scratch = shapes_of(config, storage, plan);
  uint64_t floats = 0;
  for (const TensorView* view : views_of(scratch)) {
    floats += whole_lines(static_cast<uint64_t>(view->size()));
  }
  return floats;
}

Result<Scratch> allocate_scratch(const Config& config, Storage storage, const RunPlan& plan) {
  const uint64_t floats = scratch_size(config, storage, plan);
  Scratch scratch = shapes_of(config, storage, plan);
  scratch.memory = FloatBuffer::allocate(floats);
  if (!scratch.memory) {
    return Error{ErrorCode::out_of_memory, "a run over " + std::to_string(plan.new_positions) +
                                               " tokens needs " + grouped(floats * sizeof(float)) +
                                               " bytes, which could not be allocated"};
  }
  float* next = scratch.memory.data();
  for (TensorView* view : views_of(scratch)) {
    if (view->size() > 0) view->data = next;
    next += whole_lines(static_cast<uint64_t>(view->size()));
  }
  return scratch;
}

}  // namespace glassformer
