// Activation patching: which activation carries what makes one text's prediction differ from
// another's (Meng et al. 2022, section 2.1, "causal tracing"; terms as in Heimersheim and Nanda
// 2024, "How to use and interpret activation patching").
#pragma once

#include <string>
#include <vector>

#include "core/analysis/metric.h"
#include "core/analysis/work.h"
#include "core/model.h"

namespace glassformer {

enum class PatchAxis { position, head };

struct PatchingOptions {
  std::string activation = "hook_resid_pre";  // within a block, as in the table of activations
  PatchAxis axis = PatchAxis::position;       // what is patched at a time, in one block
  Metric metric;  // the reference of kl_divergence is the text that values are taken from
};

struct Patching {
  std::vector<float> values;  // [L, T] or [L, H]: the metric with that one activation patched
  int columns = 0;            // T or H
  double from = 0;            // the metric of the text that values are taken from
  double into = 0;            // the metric of the other, unpatched
};

// For every block and every position or head: runs `into` with that part of the activation taken
// from the run of `from`, and measures. From the clean into the corrupted text this finds what
// suffices ("denoising"), the other way round what is needed ("noising"). A run begins at the block
// that is patched, because those before it do not change. bad_tokens unless both texts have the
// same number of tokens; bad_name for an activation that is not in a block, bad_option for heads of
// one that has none.
Work<Patching> activation_patching(const Model& model, std::vector<int32_t> from,
                                   std::vector<int32_t> into, PatchingOptions options);

}  // namespace glassformer
