// Rows of activations times a matrix of 8-bit weights.
#pragma once

#include "core/q8.h"
#include "core/tensor.h"

namespace glassformer {

// How many floats of working memory q8_product needs for a matrix with so many inputs.
int64_t q8_workspace_size(int64_t inputs);

// As matrix_product, with quantized weights. The activations are rounded to 16-bit integers, with
// a scale for each row and block of 64 inputs: that error is 2^-16 of the largest activation of the
// block, far below the error of the weights, and integers of 16 bits cost no more than of 8.
// `workspace` has q8_workspace_size(inputs) floats.
void q8_product(TensorView y, ConstTensorView x, const QuantizedMatrix& weight,
                ConstTensorView bias, TensorView workspace);

}  // namespace glassformer
