// Logits -> next token, every stage kept: penalties, temperature, softmax, top-k, top-p (nucleus
// sampling, Holtzman et al. 2020), min-p, and the draw. All stages run over the whole vocabulary.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/result.h"

namespace glassformer {

struct SamplingOptions {
  float temperature = 1.0f;  // 0: greedy, the most probable token (the lowest id among equals)
  int top_k = 0;             // keep the k most probable tokens; 0 keeps all
  float top_p = 1.0f;        // keep the fewest tokens whose probabilities, after top-k, reach p
  float min_p = 0.0f;        // keep those at least this share as probable as the most probable
                             // (Nguyen et al. 2024, section 3)
  // Before the temperature. Repetition (Keskar et al. 2019, section 4.1): the logits of tokens that
  // the text has, prompt included, are divided by it where positive and multiplied where negative.
  // Frequency and presence: taken off the logits of tokens that were generated, for each time, and
  // once.
  float repetition_penalty = 1.0f;
  float frequency_penalty = 0.0f;
  float presence_penalty = 0.0f;
  uint64_t seed = 0;  // the same seed, step and logits give the same token everywhere

  bool penalizes() const {
    return repetition_penalty != 1 || frequency_penalty != 0 || presence_penalty != 0;
  }
};

// bad_option, naming the option, where one is outside its range (temperature >= 0 and finite,
// top_k >= 0, 0 < top_p <= 1, 0 <= min_p <= 1, repetition_penalty > 0, all finite).
Status check_sampling(const SamplingOptions& options);

// What penalties look at: the text so far. Ids outside the vocabulary count for nothing.
struct SamplingContext {
  std::span<const int32_t> prompt;
  std::span<const int32_t> generated;
};

// Every stage for one position; each vector has V entries, indexed by token id.
struct SamplingStages {
  std::vector<float> logits;         // as the model gave them
  std::vector<float> penalized;      // after the penalties
  std::vector<float> scaled;         // penalized / temperature (greedy: penalized itself)
  std::vector<float> probabilities;  // softmax of scaled, over the whole vocabulary
  std::vector<int32_t> order;        // token ids, the most probable first; equals by id
  int after_top_k = 0;               // the first so many of `order` survive top-k
  int after_top_p = 0;               // ... and then top-p
  int after_min_p = 0;               // ... and then min-p
  std::vector<float> filtered;       // the survivors' probabilities renormalised; others 0.
                                     // Greedy: 1 for the chosen token
  double draw = 0;                   // the uniform number in [0, 1) that chose; 0 where greedy
  int32_t token = 0;
};

// Options must have passed check_sampling. `step` numbers the draws of a seed;
// generation takes the position that the token fills, so that the same text draws the same token,
// however it came about.
// bad_logits where a logit is NaN or +infinity, or none is finite.
Result<SamplingStages> sample(std::span<const float> logits, const SamplingOptions& options,
                              uint64_t step, const SamplingContext& context = {});

// What `sample` says of one token.
struct Candidate {
  int32_t id = 0;
  float logit = 0;
  float probability = 0;  // over the whole vocabulary
  float filtered = 0;     // among the survivors
};

struct NextToken {
  Candidate chosen;
  std::vector<Candidate> candidates;  // the most probable, in order
};

// The same numbers as `sample`, without those that nobody asks for: many times faster.
Result<NextToken> sample_next(std::span<const float> logits, const SamplingOptions& options,
                              uint64_t step, int candidates, const SamplingContext& context = {});

// The number in [0, 1) for a seed and a step: the first 53 bits of SplitMix64 (Steele, Lea and
// Flood 2014), so that a draw depends on nothing but the two.
double uniform_draw(uint64_t seed, uint64_t step);

}  // namespace glassformer
