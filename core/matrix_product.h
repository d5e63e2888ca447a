// The product that a transformer spends its time in: rows of activations times a matrix of weights.
#pragma once

#include "core/tensor.h"
#include "core/weight_matrix.h"

namespace glassformer {

// y[t,n] = sum over m of x[t,m] W[n,m] + bias[n], with x [T,M], W of N outputs and M inputs, and
// y [T,N]. A bias without data counts as zero. `workspace` has workspace_size(W) floats.
void matrix_product(TensorView y, ConstTensorView x, const WeightMatrix& weight,
                    ConstTensorView bias, TensorView workspace);

// The working memory, in floats, of a product with such a matrix.
int64_t workspace_size(Storage storage, int64_t inputs);

// The f32 form of it, which needs none.
void f32_product(TensorView y, ConstTensorView x, const PackedMatrix& weight,
                 ConstTensorView bias = {});

// One head's share of the output projection: result[t,h,:] = the sum over the head's inputs
// m in [h D, (h + 1) D) of z[t,m] W[:,m], with z [T,C], W of C outputs and C inputs, and result
// [T,H,C].
void project_head(TensorView result, ConstTensorView z, const WeightMatrix& weight, int64_t head,
                  int64_t head_width);

}  // namespace glassformer
