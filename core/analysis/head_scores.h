// What kind of head each head is, by where it looks.
#pragma once

#include <cstdint>
#include <vector>

#include "core/analysis/work.h"
#include "core/model.h"

namespace glassformer {

// Mean attention weights, [L,H] each in row-major order; NaN where the text has no position to
// measure at.
struct HeadScores {
  // To the position before, over all positions but the first.
  std::vector<float> previous;
  // To earlier occurrences of the same token, over positions that have one ("duplicate token
  // heads", Wang et al. 2022, section 3).
  std::vector<float> duplicate;
  // To the tokens after those occurrences, over the same positions ("prefix matching score", Olsson
  // et al. 2022, section "Definition of induction heads"), best on random tokens that repeat.
  std::vector<float> induction;
  int repeated_positions = 0;  // how many positions have an earlier occurrence of their token
};

Work<HeadScores> head_scores(const Model& model, std::vector<int32_t> tokens,
                             std::vector<Edit> edits = {});

// A text without any meaning that a model could know, twice in a row: `length` different random
// tokens, and the same again. As many as fit where the context or the vocabulary is smaller.
std::vector<int32_t> repeated_random_tokens(const Config& config, int length, uint64_t seed);

// Attention rollout (Abnar and Zuidema 2020, section 3): [L,T,T], row t of layer l says how much of
// each token's identity is in position t after block l, if attention were all that moves it: the
// product over blocks of (mean over heads of the pattern + identity) / 2.
Work<std::vector<float>> attention_rollout(const Model& model, std::vector<int32_t> tokens,
                                           std::vector<Edit> edits = {});

}  // namespace glassformer
