// What the model would predict if it stopped early (nostalgebraist 2020, "interpreting GPT: the
// logit lens"): the final layer norm, computed anew, and the unembedding of the residual stream
// between any two layers.
#pragma once

#include <string>
#include <vector>

#include "core/analysis/work.h"
#include "core/model.h"

namespace glassformer {

struct LogitLensOptions {
  bool sublayers = false;        // also between the attention and the MLP of each block
  int top = 5;                   // how many of the most probable tokens are listed
  std::vector<int32_t> tracked;  // tokens to follow through all layers
  std::vector<Edit> edits;
};

// What the lens says of one token, in one place.
struct LensToken {
  int32_t id = 0;
  int rank = 0;  // how many tokens are more probable
  float logit = 0;
  double probability = 0;
};

struct LensPosition {
  std::vector<LensToken> top;
  LensToken target;                // the token that follows in the text; at the last position, the
                                   // model's own most probable one
  std::vector<LensToken> tracked;  // in the order of the options
  double entropy = 0;              // in nats
};

struct LensLayer {
  std::string name;  // the activation that is read: blocks.0.hook_resid_pre, ...
  std::vector<LensPosition> positions;
};

struct LogitLens {
  std::vector<LensLayer> layers;  // the last is the model's own prediction
};

// bad_tokens for a tracked token outside the vocabulary, bad_option for a negative top; and what a
// run refuses. One layer's logits [T,V] are in memory at a time.
Work<LogitLens> logit_lens(const Model& model, std::vector<int32_t> tokens,
                           LogitLensOptions options);

}  // namespace glassformer
