// The working memory of one run: every intermediate that the next stage reads, in one block.
#pragma once

#include "core/config.h"
#include "core/result.h"
#include "core/run_plan.h"
#include "core/tensor.h"
#include "core/weight_matrix.h"

namespace glassformer {

// Shapes as in config.h; S counts earlier positions too. Buffers are reused from block to block.
struct Scratch {
  TensorView residual;    // [T,C] the residual stream
  TensorView normalized;  // [T,C] layer norm's output
  TensorView scale;       // [T,1] layer norm's divisor
  TensorView qkv;         // [T,3C] queries, keys and values side by side
  TensorView q, k, v;     // [T,H,D] those of the new positions
  TensorView scores;      // [threads,T,S] each of one head, or [H,T,S] where hooks want all of
                          // them; its softmax in the same place
  TensorView z;           // [T,H,D]
  TensorView result;      // [T,H,C]; no data unless a run captures or edits it
  TensorView hidden;      // [T,F]
  TensorView layer_out;   // [T,C] what attention or the MLP adds to the residual stream
  TensorView logits;      // [rows,V]; no data where the trace holds all of them or there are none
  TensorView workspace;   // what matrix_product needs; no data where it needs nothing
  FloatBuffer memory;
};

// How many floats that is.
uint64_t scratch_size(const Config& config, Storage storage, const RunPlan& plan);

// Allocates once; out_of_memory states the bytes that were needed.
Result<Scratch> allocate_scratch(const Config& config, Storage storage, const RunPlan& plan);

}  // namespace glassformer
