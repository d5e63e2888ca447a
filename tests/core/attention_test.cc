// Attention against its definition, written out in double.
#include "core/attention.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/near.h"
#include "tests/support/numbers.h"

namespace glassformer {
namespace {

using namespace testing_support;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr double kTolerance = 1e-6;

TEST(AttentionScores, AreScaledProductsWithLaterPositionsMasked) {
  constexpr int64_t T = 3, past = 2, S = past + T, D = 4, stride = 10;
  const std::vector<float> q = numbers(T * stride, 1), k = numbers(S * stride, 2);
  std::vector<float> scores(T * S);
  attention_scores(view2(scores.data(), T, S), {q.data(), T, D, stride}, {k.data(), S, D, stride},
                   0.5f);
  for (int64_t t = 0; t < T; ++t) {
    for (int64_t s = 0; s < S; ++s) {
      const float actual = scores[static_cast<size_t>(t * S + s)];
      double dot = 0;
      for (int64_t d = 0; d < D; ++d) {
        dot +=
            double{q[static_cast<size_t>(t * stride + d)]} * k[static_cast<size_t>(s * stride + d)];
      }
      if (s <= past + t) {
        EXPECT_NEAR(actual, dot / 2, 1e-6);
      } else {
        EXPECT_EQ(actual, -kInfinity);
      }
    }
  }
}

TEST(SoftmaxRows, SumsToOneAndKeepsProportions) {
  std::vector<float> x = {0, std::log(2.0f), std::log(5.0f), -kInfinity};
  softmax_rows(view2(x.data(), 1, 4), view2<const float>(x.data(), 1, 4));
  EXPECT_TRUE(all_near(x, std::vector<float>{0.125f, 0.25f, 0.625f, 0}, kTolerance));
  EXPECT_EQ(x[3], 0.0f);
}

TEST(SoftmaxRows, SurvivesHugeScores) {
  std::vector<float> x = {1e38f, 1e38f, -1e38f};
  softmax_rows(view2(x.data(), 1, 3), view2<const float>(x.data(), 1, 3));
  EXPECT_EQ(x, (std::vector<float>{0.5f, 0.5f, 0}));
}

TEST(SoftmaxRows, ARowWithEverythingMaskedAttendsToNothing) {
  std::vector<float> x(3, -kInfinity);
  softmax_rows(view2(x.data(), 1, 3), view2<const float>(x.data(), 1, 3));
  EXPECT_EQ(x, std::vector<float>(3, 0.0f));
}

TEST(AttentionMix, SumsValuesByTheirWeights) {
  const std::vector<float> pattern = {1, 0, 0.25f, 0.75f};
  const std::vector<float> v = {1, 2, -9, 3, 5, -9};  // two rows of D = 2, stride 3
  std::vector<float> z(6, 7);
  attention_mix(z.data(), 3, view2(pattern.data(), 2, 2), {v.data(), 2, 2, 3});
  EXPECT_EQ(z, (std::vector<float>{1, 2, 7, 2.5f, 4.25f, 7}));
}

}  // namespace
}  // namespace glassformer
