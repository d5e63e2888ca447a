#include "core/kernels.h"

#include <Eigen/Core>
#include <cassert>
#include <cmath>
#include <limits>
#include <numbers>

namespace glassformer {
namespace {

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Matrix = Eigen::Map<RowMajor>;
using ConstMatrix = Eigen::Map<const RowMajor>;
using StridedMatrix = Eigen::Map<RowMajor, 0, Eigen::OuterStride<>>;
using ConstStridedMatrix = Eigen::Map<const RowMajor, 0, Eigen::OuterStride<>>;
using RowVector = Eigen::Map<const Eigen::RowVectorXf>;

// Parentheses and not braces: Eigen's index is 32 bits wide in WebAssembly.
Matrix matrix(TensorView t) { return Matrix(t.data, t.rows(), t.columns()); }
ConstMatrix matrix(ConstTensorView t) { return ConstMatrix(t.data, t.rows(), t.columns()); }
RowVector row_vector(ConstTensorView t) { return RowVector(t.data, t.size()); }
ConstStridedMatrix matrix(HeadView h) {
  return ConstStridedMatrix(h.data, h.rows, h.width, Eigen::OuterStride<>(h.stride));
}

float gelu_new(float x) {
  const float sqrt_2_over_pi = std::sqrt(2.0f * std::numbers::inv_pi_v<float>);
  return 0.5f * x * (1.0f + std::tanh(sqrt_2_over_pi * (x + 0.044715f * x * x * x)));
}

float gelu(float x) { return 0.5f * x * (1.0f + std::erf(x / std::numbers::sqrt2_v<float>)); }

}  // namespace

void layer_norm_scale(TensorView scale, ConstTensorView x, float epsilon) {
  assert(scale.size() == x.rows());
  const ConstMatrix rows = matrix(x);
  for (int64_t t = 0; t < x.rows(); ++t) {
    const float mean = rows.row(t).mean();
    scale.data[t] = std::sqrt((rows.row(t).array() - mean).square().mean() + epsilon);
  }
}

void layer_norm_normalize(TensorView normalized, ConstTensorView x, ConstTensorView scale) {
  assert(normalized.size() == x.size() && scale.size() == x.rows());
  const ConstMatrix rows = matrix(x);
  Matrix out = matrix(normalized);
  for (int64_t t = 0; t < x.rows(); ++t) {
    out.row(t) = (rows.row(t).array() - rows.row(t).mean()) / scale.data[t];
  }
}

void layer_norm_affine(TensorView y, ConstTensorView normalized, ConstTensorView weight,
                       ConstTensorView bias) {
  matrix(y).array() =
      (matrix(normalized).array().rowwise() * row_vector(weight).array()).rowwise() +
      row_vector(bias).array();
}

void attention_scores(TensorView scores, HeadView q, HeadView k, float factor, int64_t past) {
  assert(scores.rows() == q.rows && scores.columns() == k.rows && past + q.rows == k.rows);
  matrix(scores).noalias() = factor * (matrix(q) * matrix(k).transpose());
  for (int64_t t = 0; t < q.rows; ++t) {
    for (float& masked : scores.row(t).subspan(static_cast<size_t>(past + t + 1))) {
      masked = -std::numeric_limits<float>::infinity();
    }
  }
}

void softmax_rows(TensorView pattern, ConstTensorView scores) {
  const ConstMatrix in = matrix(scores);
  Matrix out = matrix(pattern);
  for (int64_t t = 0; t < scores.rows(); ++t) {
    const float largest = in.row(t).maxCoeff();
    // An edit can mask a whole row: there is then nothing to attend to, rather than 0 / 0.
    if (largest == -std::numeric_limits<float>::infinity()) {
      out.row(t).setZero();
      continue;
    }
    // std::exp and not Eigen's, whose result for -infinity is tiny but not zero.
    out.row(t) = in.row(t).unaryExpr([largest](float s) { return std::exp(s - largest); });
    out.row(t) /= out.row(t).sum();
  }
}

void attention_mix(float* z, int64_t z_stride, ConstTensorView pattern, HeadView v) {
  assert(pattern.columns() == v.rows);
  StridedMatrix out(z, pattern.rows(), v.width, Eigen::OuterStride<>(z_stride));
  out.noalias() = matrix(pattern) * matrix(v);
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
  float (*function)(float) = nullptr;
  switch (activation) {
    case Activation::gelu_new:
      function = gelu_new;
      break;
    case Activation::gelu:
      function = gelu;
      break;
    case Activation::relu:
      function = [](float value) { return value > 0 ? value : 0.0f; };
      break;
  }
  const int64_t size = x.size();
  for (int64_t i = 0; i < size; ++i) y.data[i] = function(x.data[i]);
}

void add(TensorView y, ConstTensorView a, ConstTensorView b) {
  assert(y.size() == a.size() && y.size() == b.size());
  matrix(y).array() = matrix(a).array() + matrix(b).array();
}

}  // namespace glassformer
