// The arithmetic of GPT-2 but for matrix_product: free functions, output first, no allocation.
// Shapes as in config.h. Outputs may not overlap inputs unless a comment says so.
#pragma once

#include "core/config.h"
#include "core/tensor.h"

namespace glassformer {

// The two halves of layer normalisation (Ba et al. 2016, section 3.1), split where the trace reads
// them. scale[T,1] = sqrt(mean((x - mean(x))^2) + epsilon), one for each row of x [T,C].
void layer_norm_scale(TensorView scale, ConstTensorView x, float epsilon);
// normalized[T,C] = (x - mean(x)) / scale, before weight and bias.
void layer_norm_normalize(TensorView normalized, ConstTensorView x, ConstTensorView scale);
// y[T,C] = normalized * weight + bias, with weight (gamma) and bias (beta) [C]. May be done in
// place.
void layer_norm_affine(TensorView y, ConstTensorView normalized, ConstTensorView weight,
                       ConstTensorView bias);

// y[t,:] = bias + the sum over h of result[t,h,:]; y [T,C], result [T,H,C], bias [C].
void sum_heads(TensorView y, ConstTensorView result, ConstTensorView bias);

// The MLP's nonlinearity, elementwise; may be done in place. gelu_new is the tanh approximation
// that GPT-2 uses (Hendrycks and Gimpel 2016, section 2), gelu the exact x * Phi(x).
void activate(TensorView y, ConstTensorView x, Activation activation);

// y = a + b, elementwise; may be done in place.
void add(TensorView y, ConstTensorView a, ConstTensorView b);

// Whether the kernels were compiled with WebAssembly's relaxed SIMD: multiply_add may then round
// once or twice, as the processor does it.
bool uses_relaxed_simd();

}  // namespace glassformer
