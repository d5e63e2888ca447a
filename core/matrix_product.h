// The product that a transformer spends its time in: rows of activations times a matrix of weights.
#pragma once

#include "core/packed_matrix.h"
#include "core/tensor.h"

namespace glassformer {

// y[t,n] = sum over m of x[t,m] W[n,m] + bias[n], with x [T,M], W of N outputs and M inputs, and
// y [T,N]. A bias without data counts as zero.
void matrix_product(TensorView y, ConstTensorView x, const PackedMatrix& weight,
                    ConstTensorView bias = {});

// One head's share of the output projection: result[t,h,:] = the sum over the head's inputs
// m in [h D, (h + 1) D) of z[t,m] W[:,m], with z [T,C], W of C outputs and C inputs, and result
// [T,H,C].
void project_head(TensorView result, ConstTensorView z, const PackedMatrix& weight, int64_t head,
                  int64_t head_width);

}  // namespace glassformer
