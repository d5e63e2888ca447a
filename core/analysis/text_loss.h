// How well a model predicts a text.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/analysis/work.h"
#include "core/model.h"

namespace glassformer {

struct TextLoss {
  std::vector<float> losses;          // -ln p(token t | those before it), for t = 1 ... N-1
  std::vector<double> probabilities;  // p itself: next to 1 a float would have no digits left
  std::vector<int32_t> ranks;         // how many tokens were more probable than that one
  double mean = 0;                    // of the losses: the cross-entropy in nats per token
  double perplexity = 0;              // e^mean
  double log_probability = 0;         // of all tokens but the first together: -sum of the losses
  double probability = 0;             // e^log_probability; 0 where no double is so small
};

struct TextLossOptions {
  // How many tokens a window moves on where the text is longer than the context: each token is
  // predicted once, from at least the context's length less this. Absent: half of the context.
  std::optional<int> stride;
  std::vector<Edit> edits;  // positions count within a window
};

// bad_tokens where there are fewer than two tokens: the first one is not predicted.
Work<TextLoss> text_loss(const Model& model, std::vector<int32_t> tokens, TextLossOptions options);

}  // namespace glassformer
