#include "core/run_estimate.h"

#include "core/kv_cache.h"
#include "core/scratch.h"

namespace glassformer {

Result<RunEstimate> estimate_run(const Config& config, Storage storage,
                                 std::span<const int32_t> tokens, const RunOptions& options) {
  const Result<RunPlan> plan = plan_run(config, 0, config.n_positions, tokens, options);
  if (!plan) return plan.error();
  const AxisRange captured = plan->captured_positions;
  const auto rows = static_cast<int>(captured.end - captured.begin);
  RunEstimate estimate;
  estimate.activations =
      sizeof(float) * Trace::size(config, plan->captured, rows, plan->new_positions - rows);
  if (!plan->logits_in_trace()) {
    estimate.logits = sizeof(float) * static_cast<uint64_t>(plan->logit_rows()) *
                      static_cast<uint64_t>(config.vocab_size);
  }
  estimate.cache = sizeof(float) * KvCache::size(config, plan->new_positions);
  // The logits are part of it.
  estimate.scratch = sizeof(float) * scratch_size(config, storage, *plan) - estimate.logits;
  return estimate;
}

}  // namespace glassformer
