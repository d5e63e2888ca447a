// Rows of the embedding matrix, sums of them, and what is near.
#include "core/analysis/embeddings.h"

#include <limits>

#include "tests/support/analysis.h"

namespace glassformer {
namespace {

using namespace testing_support;

class EmbeddingsOf : public AnalysisOf {
 protected:
  std::vector<float> direction(TokenSpace space, int32_t token) {
    return *token_direction(model, space, token);
  }
  double dot(const std::vector<float>& a, const std::vector<float>& b) {
    double sum = 0;
    for (size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * double{b[i]};
    return sum;
  }
};

TEST_P(EmbeddingsOf, ATokensDirectionIsItsRow) {
  for (const TokenSpace space : {TokenSpace::input, TokenSpace::output}) {
    const bool input = space == TokenSpace::input;
    const WeightMatrix& matrix = input ? model.weights.wte : model.weights.lm_head;
    const std::vector<float> row = direction(space, 7);
    for (int64_t c = 0; c < config.n_embd; ++c) {
      EXPECT_EQ(row[static_cast<size_t>(c)], matrix.at(7, c));
    }
  }
  EXPECT_EQ(token_direction(model, TokenSpace::input, -1).error().code, ErrorCode::bad_tokens);
  EXPECT_FALSE(token_direction(model, TokenSpace::input, config.vocab_size).ok());
}

TEST_P(EmbeddingsOf, ASumIsTheSumOfTheRows) {
  const std::vector<WeightedToken> terms = {{3, 1}, {8, -1}, {11, 0.5}};
  const std::vector<float> sum = *combine_tokens(model, TokenSpace::input, terms);
  const auto a = direction(TokenSpace::input, 3), b = direction(TokenSpace::input, 8),
             c = direction(TokenSpace::input, 11);
  for (size_t i = 0; i < sum.size(); ++i) EXPECT_NEAR(sum[i], a[i] - b[i] + c[i] / 2, 1e-6);
  const std::vector<WeightedToken> endless = {{3, std::numeric_limits<double>::infinity()}};
  EXPECT_EQ(combine_tokens(model, TokenSpace::input, endless).error().code, ErrorCode::bad_option);
}

TEST_P(EmbeddingsOf, ATokenIsNearestToItselfUnlessExcluded) {
  const auto vector = direction(TokenSpace::output, 12);
  const auto near =
      finished(nearest_tokens(model, vector, {.space = TokenSpace::output, .top = 3}));
  ASSERT_EQ(near.size(), 3u);
  EXPECT_EQ(near[0].id, 12);
  EXPECT_NEAR(near[0].similarity, 1, 1e-9);
  const auto others = finished(
      nearest_tokens(model, vector, {.space = TokenSpace::output, .top = 2, .exclude = {12}}));
  EXPECT_EQ(others[0].id, near[1].id);
  EXPECT_EQ(others[1].id, near[2].id);
}

TEST_P(EmbeddingsOf, SimilaritiesAreThoseOfAllTokensInOrder) {
  const auto vector = direction(TokenSpace::input, 12);
  for (const bool cosine : {true, false}) {
    const auto near =
        finished(nearest_tokens(model, vector, {.cosine = cosine, .top = config.vocab_size + 5}));
    ASSERT_EQ(std::ssize(near), config.vocab_size);
    for (size_t i = 0; i < near.size(); i += 17) {
      const auto row = direction(TokenSpace::input, near[i].id);
      const double lengths = cosine ? std::sqrt(dot(row, row) * dot(vector, vector)) : 1;
      EXPECT_NEAR(near[i].similarity, dot(row, vector) / lengths, 1e-9);
      if (i > 0) {
        EXPECT_GE(near[i - 1].similarity, near[i].similarity);
      }
    }
  }
}

TEST_P(EmbeddingsOf, RefusesVectorsWithoutDirection) {
  std::vector<float> zero(static_cast<size_t>(config.n_embd));
  EXPECT_EQ(refused(nearest_tokens(model, zero, {})).code, ErrorCode::bad_option);
  EXPECT_EQ(finished(nearest_tokens(model, zero, {.cosine = false, .top = 1}))[0].id, 0);
  EXPECT_EQ(refused(nearest_tokens(model, {1, 2}, {})).code, ErrorCode::bad_option);
  zero[0] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(refused(nearest_tokens(model, zero, {})).code, ErrorCode::bad_option);
}

INSTANTIATE_TEST_SUITE_P(Models, EmbeddingsOf, kModels, model_name);

}  // namespace
}  // namespace glassformer
