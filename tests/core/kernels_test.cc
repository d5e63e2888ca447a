// Each kernel against its definition, written out in double.
#include "core/kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "tests/support/near.h"
#include "tests/support/numbers.h"

namespace glassformer {
namespace {

using namespace testing_support;

constexpr double kTolerance = 1e-6;

std::vector<float> floats(const std::vector<double>& values) {
  return {values.begin(), values.end()};
}

TEST(LayerNormKernels, EqualTheirDefinition) {
  constexpr int64_t T = 3, C = 37;
  const std::vector<float> x = numbers(T * C, 1), weight = numbers(C, 2), bias = numbers(C, 3);
  std::vector<float> scale(T), y(T * C);
  const float epsilon = 1e-5f;
  const TensorView out = view2(y.data(), T, C);
  layer_norm_scale(view2(scale.data(), T, 1), view2(x.data(), T, C), epsilon);
  layer_norm_normalize(out, view2(x.data(), T, C), view2<const float>(scale.data(), T, 1));
  layer_norm_affine(out, out, view1(weight.data(), C), view1(bias.data(), C));

  std::vector<double> expected;
  for (int64_t t = 0; t < T; ++t) {
    const float* row = x.data() + t * C;
    const double mean = std::accumulate(row, row + C, 0.0) / C;
    double variance = 0;
    for (int64_t c = 0; c < C; ++c) variance += (row[c] - mean) * (row[c] - mean) / C;
    EXPECT_NEAR(scale[static_cast<size_t>(t)], std::sqrt(variance + epsilon), 1e-6);
    for (int64_t c = 0; c < C; ++c) {
      const auto i = static_cast<size_t>(c);
      expected.push_back((row[c] - mean) / std::sqrt(variance + epsilon) * weight[i] + bias[i]);
    }
  }
  EXPECT_TRUE(all_near(y, floats(expected), kTolerance));
}

TEST(LayerNormKernels, AConstantRowBecomesZeroAndNotNan) {
  const std::vector<float> x(8, 3.25f);
  std::vector<float> scale(1), y(8);
  layer_norm_scale(view2(scale.data(), 1, 1), view2(x.data(), 1, 8), 1e-5f);
  EXPECT_FLOAT_EQ(scale[0], std::sqrt(1e-5f));
  layer_norm_normalize(view2(y.data(), 1, 8), view2(x.data(), 1, 8),
                       view2<const float>(scale.data(), 1, 1));
  EXPECT_EQ(y, std::vector<float>(8, 0.0f));
}

TEST(SumHeads, AddsTheHeadsAndTheBias) {
  const std::vector<float> result = {1, 2, 10, 20, 3, 4, 30, 40}, bias = {100, 200};
  std::vector<float> y(4);
  sum_heads(view2(y.data(), 2, 2), view3(result.data(), 2, 2, 2), view1(bias.data(), 2));
  EXPECT_EQ(y, (std::vector<float>{111, 222, 133, 244}));
}

TEST(Activate, EqualsItsDefinition) {
  std::vector<float> x;
  for (int i = -600; i <= 600; ++i) x.push_back(static_cast<float>(i) / 50);
  std::vector<float> y(x.size());
  const auto size = static_cast<int64_t>(x.size());
  const auto check = [&](Activation activation, auto definition) {
    activate(view1(y.data(), size), view1<const float>(x.data(), size), activation);
    for (size_t i = 0; i < x.size(); ++i) {
      EXPECT_NEAR(y[i], definition(double{x[i]}), 1e-6 * std::max(1.0, std::abs(double{x[i]})))
          << activation_name(activation) << "(" << x[i] << ")";
    }
  };
  const double pi = std::acos(-1.0);
  check(Activation::relu, [](double v) { return v > 0 ? v : 0; });
  check(Activation::gelu, [](double v) { return v * std::erfc(-v / std::sqrt(2.0)) / 2; });
  check(Activation::gelu_new, [pi](double v) {
    return v / 2 * (1 + std::tanh(std::sqrt(2 / pi) * (v + 0.044715 * v * v * v)));
  });
}

TEST(Activate, SurvivesHugeValues) {
  const std::vector<float> x = {-1e30f, 1e30f};
  std::vector<float> y(2);
  for (const Activation activation : {Activation::gelu, Activation::gelu_new, Activation::relu}) {
    activate(view1(y.data(), 2), view1(x.data(), 2), activation);
    EXPECT_EQ(y[0], 0.0f) << activation_name(activation);
    EXPECT_EQ(y[1], 1e30f) << activation_name(activation);
  }
}

}  // namespace
}  // namespace glassformer
