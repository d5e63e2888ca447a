// Scores of patterns that are known, because edits have set them.
#include "core/analysis/head_scores.h"

#include <cmath>
#include <set>

#include "tests/support/analysis.h"

namespace glassformer {
namespace {

using namespace testing_support;

class HeadScoresOf : public AnalysisOf {
 protected:
  // Head 1 of block 0 looks, from each position, at one other.
  template <class Target>
  Edit looking_at(Target target) {
    Edit edit{
        .activation = {Hook::pattern, 0}, .operation = EditOperation::set, .head = AxisRange{1, 2}};
    const int64_t T = std::ssize(tokens);
    for (int64_t t = 0; t < T; ++t) {
      for (int64_t s = 0; s < T; ++s) edit.values.push_back(s == target(t) ? 1.0f : 0.0f);
    }
    return edit;
  }
  HeadScores scores(std::vector<Edit> edits = {}) {
    return finished(head_scores(model, tokens, std::move(edits)));
  }
};

TEST_P(HeadScoresOf, AHeadThatLooksBackByOneIsAPreviousTokenHead) {
  const HeadScores found = scores({looking_at([](int64_t t) { return t - 1; })});
  EXPECT_EQ(found.previous[1], 1.0f);
  EXPECT_EQ(found.duplicate[1], 0.0f);
  EXPECT_EQ(found.induction[1], 0.0f);
}

TEST_P(HeadScoresOf, AHeadThatLooksAtTheSameTokenIsADuplicateTokenHead) {
  // Token 5 is that of position 1.
  const HeadScores found = scores({looking_at([](int64_t t) { return t == 5 ? 1 : 0; })});
  EXPECT_EQ(found.repeated_positions, 1);
  EXPECT_EQ(found.duplicate[1], 1.0f);
  EXPECT_EQ(found.induction[1], 0.0f);
}

TEST_P(HeadScoresOf, AHeadThatLooksAfterTheSameTokenIsAnInductionHead) {
  const HeadScores found = scores({looking_at([](int64_t t) { return t == 5 ? 2 : 0; })});
  EXPECT_EQ(found.induction[1], 1.0f);
  EXPECT_EQ(found.duplicate[1], 0.0f);
}

TEST_P(HeadScoresOf, WithoutRepetitionThereIsNothingToMeasure) {
  tokens = {1, 2, 3};
  const HeadScores found = scores();
  EXPECT_EQ(found.repeated_positions, 0);
  EXPECT_TRUE(std::isnan(found.duplicate[0]));
  EXPECT_TRUE(std::isnan(found.induction[0]));
  EXPECT_FALSE(std::isnan(found.previous[0]));
  tokens = {1};
  EXPECT_TRUE(std::isnan(scores().previous[0]));
}

TEST_P(HeadScoresOf, RandomTokensRepeatOnceAndAreDifferent) {
  const std::vector<int32_t> random = repeated_random_tokens(config, 12, 7);
  ASSERT_EQ(random.size(), 24u);
  EXPECT_EQ(std::set<int32_t>(random.begin(), random.end()).size(), 12u);
  EXPECT_TRUE(std::equal(random.begin(), random.begin() + 12, random.begin() + 12));
  EXPECT_EQ(random, repeated_random_tokens(config, 12, 7));
  EXPECT_NE(random, repeated_random_tokens(config, 12, 8));
  const auto most = repeated_random_tokens(config, 1 << 20, 0);
  EXPECT_EQ(std::ssize(most), 2 * std::min(config.n_positions / 2, config.vocab_size));
}

TEST_P(HeadScoresOf, RolloutRowsSumToOneAndSeeNothingLater) {
  const int64_t T = std::ssize(tokens);
  const std::vector<float> rollout = finished(attention_rollout(model, tokens));
  ASSERT_EQ(std::ssize(rollout), config.n_layer * T * T);
  for (int64_t row = 0; row < config.n_layer * T; ++row) {
    double sum = 0;
    for (int64_t s = 0; s < T; ++s) {
      const float share = rollout[static_cast<size_t>(row * T + s)];
      sum += share;
      EXPECT_GE(share, 0);
      if (s > row % T) {
        EXPECT_EQ(share, 0);
      }
    }
    EXPECT_NEAR(sum, 1, 1e-6);
  }
}

TEST_P(HeadScoresOf, RolloutOfHeadsThatLookBackByOneIsABinomialDistribution) {
  // Each block keeps half and moves half by one position; position 0 keeps all.
  std::vector<Edit> edits;
  const int64_t T = std::ssize(tokens);
  for (int i = 0; i < config.n_layer; ++i) {
    Edit edit{.activation = {Hook::pattern, i}, .operation = EditOperation::set};
    for (int64_t row = 0; row < config.n_head * T; ++row) {
      const int64_t target = std::max<int64_t>(row % T - 1, 0);
      for (int64_t s = 0; s < T; ++s) edit.values.push_back(s == target ? 1.0f : 0.0f);
    }
    edits.push_back(edit);
  }
  const std::vector<float> rollout = finished(attention_rollout(model, tokens, edits));
  double binomial = 1;
  const int L = std::min(config.n_layer, 7);
  for (int k = 0; k < L; ++k) {
    const int64_t t = T - 1;
    const auto place = static_cast<size_t>((L - 1) * T * T + t * T + t - k);
    EXPECT_NEAR(rollout[place], binomial * std::pow(0.5, L), 1e-6);
    binomial = binomial * (L - k) / (k + 1);
  }
}

INSTANTIATE_TEST_SUITE_P(Models, HeadScoresOf, kModels, model_name);

}  // namespace
}  // namespace glassformer
