// How well queries fit keys, before scores are made of it.
#pragma once

#include <cstdint>
#include <vector>

#include "core/analysis/work.h"
#include "core/model.h"

namespace glassformer {

// The dot products of a block's queries and keys (Vaswani et al. 2017, section 3.2.1): [H,T,T] in
// row-major order, q[t,h] . k[s,h] for each head h, query t and key s up to t, and -infinity for
// later keys, as attn_scores has it. No run has them: the model multiplies by score_factor as it
// adds up. Here they are added up in double, from the same q and k. bad_option where the model has
// no such block.
Work<std::vector<float>> attention_dot_products(const Model& model, std::vector<int32_t> tokens,
                                                int block, std::vector<Edit> edits = {});

}  // namespace glassformer
