#include "core/scratch.h"

#include <algorithm>

#include "core/grouped_number.h"
#include "core/matrix_product.h"
#include "core/threads.h"

namespace glassformer {

Result<Scratch> allocate_scratch(const Config& config, Storage storage, const RunPlan& plan) {
  const int64_t T = plan.new_positions(), S = plan.positions(), C = config.n_embd,
                H = config.n_head, D = config.head_width(), F = config.n_inner,
                V = config.vocab_size;
  const auto captures = [&](Hook hook) {
    return std::any_of(plan.captured.begin(), plan.captured.end(),
                       [hook](ActivationId id) { return id.hook == hook; });
  };
  const bool needs_result =
      captures(Hook::result) ||
      std::any_of(plan.edits.begin(), plan.edits.end(), [](const PlannedEdit& edit) {
        return edit.edit.activation.hook == Hook::result;
      });

  Scratch scratch;
  scratch.residual = view2<float>(nullptr, T, C);
  scratch.normalized = view2<float>(nullptr, T, C);
  scratch.scale = view2<float>(nullptr, T, 1);
  scratch.qkv = view2<float>(nullptr, T, 3 * C);
  scratch.q = scratch.k = scratch.v = view3<float>(nullptr, T, H, D);
  scratch.scores = view3<float>(nullptr, std::min<int64_t>(thread_count(), H), T, S);
  scratch.z = view3<float>(nullptr, T, H, D);
  scratch.result = view3<float>(nullptr, needs_result ? T : 0, H, C);
  scratch.hidden = view2<float>(nullptr, T, F);
  scratch.layer_out = view2<float>(nullptr, T, C);
  scratch.logits = view2<float>(nullptr, captures(Hook::logits) ? 0 : plan.logit_rows, V);

  scratch.workspace =
      view1<float>(nullptr, std::max(workspace_size(storage, C), workspace_size(storage, F)));

  TensorView* const views[] = {
      &scratch.residual, &scratch.normalized, &scratch.scale,  &scratch.qkv,      &scratch.q,
      &scratch.k,        &scratch.v,          &scratch.scores, &scratch.z,        &scratch.result,
      &scratch.hidden,   &scratch.layer_out,  &scratch.logits, &scratch.workspace};
  uint64_t floats = 0;
  for (const TensorView* view : views) floats += whole_lines(static_cast<uint64_t>(view->size()));
  scratch.memory = FloatBuffer::allocate(floats);
  if (!scratch.memory) {
    return Error{ErrorCode::out_of_memory, "a run over " + std::to_string(T) + " tokens needs " +
                                               grouped(floats * sizeof(float)) +
                                               " bytes, which could not be allocated"};
  }
  float* next = scratch.memory.data();
  for (TensorView* view : views) {
    if (view->size() > 0) view->data = next;
    next += whole_lines(static_cast<uint64_t>(view->size()));
  }
  return scratch;
}

}  // namespace glassformer
