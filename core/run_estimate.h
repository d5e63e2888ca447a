// The memory of a run, before there is any.
#pragma once

#include <cstdint>
#include <span>

#include "core/run_plan.h"
#include "core/weight_matrix.h"

namespace glassformer {

// In bytes.
struct RunEstimate {
  uint64_t activations = 0;  // the trace
  uint64_t logits = 0;       // where the trace has not the same
  uint64_t cache = 0;        // keys and values
  uint64_t scratch = 0;      // intermediate results

  // What a caller copies out.
  uint64_t returned() const { return activations + logits; }
  // All of it while the run goes on, that copy included.
  uint64_t total() const { return activations + logits + cache + scratch + returned(); }
};

// Of a run over a whole text; errors as in plan_run.
Result<RunEstimate> estimate_run(const Config& config, Storage storage,
                                 std::span<const int32_t> tokens, const RunOptions& options);

}  // namespace glassformer
