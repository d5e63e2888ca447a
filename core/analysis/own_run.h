// A run with a cache of its own, for analyses that run a model several times.
#pragma once

#include <memory>
#include <span>

#include "core/model.h"

namespace glassformer {

struct OwnRun {
  std::unique_ptr<KvCache> cache;  // the pass refers to it
  ForwardPass pass;

  bool step() { return pass.step(); }
  void finish() {
    while (step()) {
    }
  }
  // An activation that the options named.
  ConstTensorView get(Hook hook, int block = 0) const { return *pass.trace().find(hook, block); }
};

// As ForwardPass::create, on an empty cache.
Result<OwnRun> begin_run(const Model& model, std::span<const int32_t> tokens,
                         const RunOptions& options);

// For analyses that unembed by themselves: bad_edit where an edit changes what comes after the last
// residual stream, and so would not be seen.
Status check_edits_end_in_blocks(std::span<const Edit> edits);

// The final layer norm and the unembedding of any residual stream [T,C]: logits [T,V].
Result<OwnRun> unembed(const Model& model, ConstTensorView residual);

}  // namespace glassformer
