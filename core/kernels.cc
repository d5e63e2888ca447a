#include "core/kernels.h"

#include <Eigen/Core>
#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

#include "core/simd_math.h"
#include "core/threads.h"

namespace glassformer {
namespace {

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Matrix = Eigen::Map<RowMajor>;
using ConstMatrix = Eigen::Map<const RowMajor>;
using RowVector = Eigen::Map<const Eigen::RowVectorXf>;

// Parentheses and not braces: Eigen's index is 32 bits wide in WebAssembly.
Matrix matrix(TensorView t) { return Matrix(t.data, t.rows(), t.columns()); }
ConstMatrix matrix(ConstTensorView t) { return ConstMatrix(t.data, t.rows(), t.columns()); }
RowVector row_vector(ConstTensorView t) { return RowVector(t.data, t.size()); }

using simd::F32x4;

constexpr int64_t kRowsTogether = 8;  // the fewest worth a thread of their own

// x/2 (1 + tanh u) = x / (1 + e^(-2u)), with u = sqrt(2/pi) (x + 0.044715 x^3).
F32x4 gelu_new(F32x4 x) {
  const float sqrt_2_over_pi = std::sqrt(2.0f * std::numbers::inv_pi_v<float>);
  const F32x4 u = simd::splat(sqrt_2_over_pi) * (x + simd::splat(0.044715f) * x * x * x);
  return x / (simd::splat(1.0f) + simd::exp(simd::splat(-2.0f) * u));
}

F32x4 gelu(F32x4 x) {
  F32x4 y;
  for (int i = 0; i < 4; ++i) {
    y[i] = 0.5f * x[i] * (1.0f + std::erf(x[i] / std::numbers::sqrt2_v<float>));
  }
  return y;
}

F32x4 relu(F32x4 x) { return simd::select(x > simd::splat(0.0f), x, simd::splat(0.0f)); }

// y[i] = function(x[i]); four at a time, the last ones through a copy.
template <F32x4 (*function)(F32x4)>
void apply(TensorView y, ConstTensorView x) {
  constexpr int64_t kVectorsTogether = 2048;
  const int64_t vectors = x.size() / 4, rest = x.size() % 4;
  parallel_ranges(vectors, kVectorsTogether, [&](int64_t begin, int64_t end) {
    for (int64_t i = 4 * begin; i < 4 * end; i += 4) {
      simd::store(y.data + i, function(simd::load(x.data + i)));
    }
  });
  float last[4] = {};
  std::copy_n(x.data + 4 * vectors, rest, last);
  simd::store(last, function(simd::load(last)));
  std::copy_n(last, rest, y.data + 4 * vectors);
}

float mean_of(std::span<const float> row) {
  const float sum = simd::sum_of(row.data(), std::ssize(row), [](F32x4 value) { return value; });
  return sum / static_cast<float>(row.size());
}

}  // namespace

void layer_norm_scale(TensorView scale, ConstTensorView x, float epsilon) {
  assert(scale.size() == x.rows());
  parallel_ranges(x.rows(), kRowsTogether, [&](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; ++t) {
      const std::span<const float> row = x.row(t);
      const F32x4 mean = simd::splat(mean_of(row));
      const float squares = simd::sum_of(row.data(), std::ssize(row), [mean](F32x4 value) {
        return (value - mean) * (value - mean);
      });
      scale.data[t] = std::sqrt(squares / static_cast<float>(row.size()) + epsilon);
    }
  });
}

void layer_norm_normalize(TensorView normalized, ConstTensorView x, ConstTensorView scale) {
  assert(normalized.size() == x.size() && scale.size() == x.rows());
  parallel_ranges(x.rows(), kRowsTogether, [&](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; ++t) {
      const std::span<const float> row = x.row(t);
      const std::span<float> out = normalized.row(t);
      const float mean = mean_of(row);
      for (size_t i = 0; i < row.size(); ++i) out[i] = (row[i] - mean) / scale.data[t];
    }
  });
}

void layer_norm_affine(TensorView y, ConstTensorView normalized, ConstTensorView weight,
                       ConstTensorView bias) {
  matrix(y).array() =
      (matrix(normalized).array().rowwise() * row_vector(weight).array()).rowwise() +
      row_vector(bias).array();
}

void sum_heads(TensorView y, ConstTensorView result, ConstTensorView bias) {
  const int64_t heads = result.dims[1];
  Matrix out = matrix(y);
  for (int64_t t = 0; t < y.rows(); ++t) {
    out.row(t) = matrix(result).middleRows(t * heads, heads).colwise().sum() + row_vector(bias);
  }
}

void activate(TensorView y, ConstTensorView x, Activation activation) {
  assert(y.size() == x.size());
  switch (activation) {
    case Activation::gelu_new:
      return apply<gelu_new>(y, x);
    case Activation::gelu:
      return apply<gelu>(y, x);
    case Activation::relu:
      return apply<relu>(y, x);
  }
}

bool uses_relaxed_simd() {
#ifdef __wasm_relaxed_simd__
  return true;
#else
  return false;
#endif
}

void add(TensorView y, ConstTensorView a, ConstTensorView b) {
  assert(y.size() == a.size() && y.size() == b.size());
  matrix(y).array() = matrix(a).array() + matrix(b).array();
}

}  // namespace glassformer
