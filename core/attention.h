// The arithmetic of one attention head (Vaswani et al. 2017, section 3.2.1), causal: a token sees
// itself and what comes before it. Shapes as in config.h; S = past + T.
#pragma once

#include "core/tensor.h"

namespace glassformer {

// The columns of one head in a matrix of all heads: `rows` rows of `width` (D) floats, `stride`
// floats from one row to the next.
struct HeadView {
  const float* data;
  int64_t rows;
  int64_t width;
  int64_t stride;
};

// scores[t,s] = q[t] . k[s] * factor for s <= past + t, and -infinity for later s. q has T rows,
// k has S; scores is [T,S].
void attention_scores(TensorView scores, HeadView q, HeadView k, float factor);

// pattern[t,s] = softmax over s <= past + t of scores[t,s], with the row's maximum taken out first,
// and 0 for later s. Where a score is -infinity the weight is exactly 0, and a row of nothing else
// gives zeros. May be done in place.
void softmax_rows(TensorView pattern, ConstTensorView scores);

// z[t] = sum over s <= past + t of pattern[t,s] v[s]; pattern is [T,S], v has S rows, z has T rows
// of v's width, z_stride floats apart.
void attention_mix(float* z, int64_t z_stride, ConstTensorView pattern, HeadView v);

}  // namespace glassformer
