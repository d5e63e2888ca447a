#include "core/attention.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "core/simd_math.h"

namespace glassformer {
namespace {

using simd::F32x4;

constexpr int64_t kLanes = 4;
constexpr float kMasked = -std::numeric_limits<float>::infinity();

// q . k for four keys, `stride` floats apart.
F32x4 four_products(const float* q, const float* k, int64_t stride, int64_t width) {
  F32x4 sums[kLanes] = {};
  int64_t d = 0;
  for (; d + kLanes <= width; d += kLanes) {
    const F32x4 query = simd::load(q + d);
    for (int64_t i = 0; i < kLanes; ++i) {
      sums[i] = simd::multiply_add(simd::load(k + i * stride + d), query, sums[i]);
    }
  }
  F32x4 products = simd::sums(sums[0], sums[1], sums[2], sums[3]);
  for (; d < width; ++d) {
    const F32x4 key = {k[d], k[stride + d], k[2 * stride + d], k[3 * stride + d]};
    products = simd::multiply_add(key, simd::splat(q[d]), products);
  }
  return products;
}

float one_product(const float* q, const float* k, int64_t width) {
  F32x4 sums = {};
  int64_t d = 0;
  for (; d + kLanes <= width; d += kLanes) {
    sums = simd::multiply_add(simd::load(k + d), simd::load(q + d), sums);
  }
  float product = simd::sum(sums);
  for (; d < width; ++d) product += k[d] * q[d];
  return product;
}

// to[0..kVectors * 4) = sum over s of weights[s] * v[s][0..kVectors * 4)
template <int kVectors>
void mix_columns(float* to, const float* weights, int64_t seen, const float* v, int64_t stride) {
  F32x4 sums[kVectors] = {};
  for (int64_t s = 0; s < seen; ++s, v += stride) {
    const F32x4 weight = simd::splat(weights[s]);
    for (int i = 0; i < kVectors; ++i) {
      sums[i] = simd::multiply_add(simd::load(v + i * kLanes), weight, sums[i]);
    }
  }
  for (int i = 0; i < kVectors; ++i) simd::store(to + i * kLanes, sums[i]);
}

// exp(row - largest) in place of row; returns the sum.
float exponentials(std::span<float> to, std::span<const float> row, float largest) {
  const int64_t size = std::ssize(row);
  F32x4 sums = {};
  int64_t s = 0;
  for (; s + kLanes <= size; s += kLanes) {
    const F32x4 e = simd::exp(simd::load(row.data() + s) - simd::splat(largest));
    simd::store(to.data() + s, e);
    sums += e;
  }
  float sum = simd::sum(sums);
  for (; s < size; ++s) {
    const auto i = static_cast<size_t>(s);
    to[i] = simd::exp(simd::splat(row[i] - largest))[0];
    sum += to[i];
  }
  return sum;
}

}  // namespace

void attention_scores(TensorView scores, HeadView q, HeadView k, float factor) {
  assert(scores.rows() == q.rows && scores.columns() == k.rows && q.rows <= k.rows);
  const int64_t past = k.rows - q.rows;
  for (int64_t t = 0; t < q.rows; ++t) {
    const float* query = q.data + t * q.stride;
    float* row = scores.row(t).data();
    const int64_t seen = past + t + 1;
    int64_t s = 0;
    for (; s + kLanes <= seen; s += kLanes) {
      const F32x4 products = four_products(query, k.data + s * k.stride, k.stride, q.width);
      simd::store(row + s, products * simd::splat(factor));
    }
    for (; s < seen; ++s) row[s] = one_product(query, k.data + s * k.stride, q.width) * factor;
    std::fill(row + seen, row + k.rows, kMasked);
  }
}

void softmax_rows(TensorView pattern, ConstTensorView scores) {
  const int64_t past = scores.columns() - scores.rows();
  for (int64_t t = 0; t < scores.rows(); ++t) {
    // Only what the token sees: the sum must not depend on how many tokens follow.
    const auto seen = static_cast<size_t>(past + t + 1);
    const std::span<const float> row = scores.row(t).first(seen);
    const std::span<float> weights = pattern.row(t);
    std::fill(weights.begin() + static_cast<int64_t>(seen), weights.end(), 0.0f);
    const float largest = simd::largest(row.data(), std::ssize(row));
    // An edit can mask a whole row: there is then nothing to attend to, rather than 0 / 0.
    if (largest == kMasked) {
      std::fill_n(weights.begin(), seen, 0.0f);
      continue;
    }
    const float sum = exponentials(weights.first(seen), row, largest);
    const float inverse = 1 / sum;
    for (float& weight : weights.first(seen)) weight *= inverse;
  }
}

void attention_mix(float* z, int64_t z_stride, ConstTensorView pattern, HeadView v) {
  assert(pattern.columns() == v.rows);
  const int64_t past = v.rows - pattern.rows();
  for (int64_t t = 0; t < pattern.rows(); ++t) {
    const float* weights = pattern.row(t).data();
    const int64_t seen = past + t + 1;
    float* to = z + t * z_stride;
    int64_t d = 0;
    for (; d + 8 * kLanes <= v.width; d += 8 * kLanes) {
      mix_columns<8>(to + d, weights, seen, v.data + d, v.stride);
    }
    for (; d + kLanes <= v.width; d += kLanes) {
      mix_columns<1>(to + d, weights, seen, v.data + d, v.stride);
    }
    for (; d < v.width; ++d) {
      to[d] = 0;
      for (int64_t s = 0; s < seen; ++s) to[d] += weights[s] * v.data[s * v.stride + d];
    }
  }
}

}  // namespace glassformer
