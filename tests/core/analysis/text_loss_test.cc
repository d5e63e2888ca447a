// Losses are the logits' own, window by window.
#include "core/analysis/text_loss.h"

#include "core/distribution.h"
#include "tests/support/analysis.h"

namespace glassformer {
namespace {

using namespace testing_support;

class TextLossOf : public AnalysisOf {
 protected:
  double loss_of(std::span<const float> logits, int32_t token) {
    return log_sum_exp(logits) - double{logits[static_cast<size_t>(token)]};
  }
  std::vector<int32_t> long_text(size_t size) {
    std::vector<int32_t> text(size);
    for (size_t i = 0; i < size; ++i) text[i] = static_cast<int32_t>(i * 37 % 101 % 60);
    return text;
  }
};

TEST_P(TextLossOf, EachTokensLossIsThatOfTheLogitsBeforeIt) {
  const TextLoss loss = finished(text_loss(model, tokens, {}));
  const ForwardPass pass = run_for_logits(model, tokens);
  ASSERT_EQ(loss.losses.size(), tokens.size() - 1);
  ASSERT_EQ(loss.probabilities.size(), loss.losses.size());
  double sum = 0;
  for (size_t t = 0; t + 1 < tokens.size(); ++t) {
    const auto row = pass.logits().row(static_cast<int64_t>(t));
    EXPECT_NEAR(loss.losses[t], loss_of(row, tokens[t + 1]), 1e-5);
    const float logit = row[static_cast<size_t>(tokens[t + 1])];
    EXPECT_EQ(loss.ranks[t],
              std::count_if(row.begin(), row.end(), [&](float other) { return other > logit; }));
    EXPECT_NEAR(loss.probabilities[t], softmax(row)[static_cast<size_t>(tokens[t + 1])], 1e-5);
    EXPECT_NEAR(std::log(loss.probabilities[t]), -loss.losses[t],
                1e-6 * std::max(1.0f, loss.losses[t]));
    sum += loss.losses[t];
  }
  EXPECT_NEAR(loss.mean, sum / static_cast<double>(tokens.size() - 1), 1e-6);
  EXPECT_NEAR(loss.perplexity, std::exp(loss.mean), 1e-9 * loss.perplexity);
  EXPECT_NEAR(loss.log_probability, -sum, 1e-9 * sum);
  EXPECT_NEAR(loss.probability / std::exp(-sum), 1, 1e-9);
}

TEST_P(TextLossOf, ALongTextHasAProbabilityThatOnlyItsLogarithmCanTell) {
  const TextLoss loss = finished(text_loss(model, long_text(1000), {}));
  EXPECT_LT(loss.log_probability, -1000);
  EXPECT_TRUE(std::isfinite(loss.log_probability));
  EXPECT_EQ(loss.probability, 0);
}

TEST_P(TextLossOf, ALongTextIsReadInWindowsThatPredictEachTokenOnce) {
  const auto context = static_cast<size_t>(config.n_positions);
  const std::vector<int32_t> text = long_text(context * 3 / 2 + 7);
  const int stride = config.n_positions / 2;
  const TextLoss loss = finished(text_loss(model, text, {.stride = stride}));
  ASSERT_EQ(loss.losses.size(), text.size() - 1);
  // The last token of the second window: predicted from that window alone.
  const size_t begin = static_cast<size_t>(stride), place = begin + context - 1;
  const ForwardPass pass = run_for_logits(model, std::span(text).subspan(begin, context));
  EXPECT_NEAR(loss.losses[place],
              loss_of(pass.logits().row(std::ssize(pass.logits().span()) / config.vocab_size - 1),
                      text[place + 1]),
              1e-4);
  // And one of the first.
  const ForwardPass first = run_for_logits(model, std::span(text).first(context));
  EXPECT_NEAR(loss.losses[3], loss_of(first.logits().row(3), text[4]), 1e-4);
}

TEST_P(TextLossOf, TheStandardStrideIsHalfOfTheContext) {
  const std::vector<int32_t> text = long_text(static_cast<size_t>(config.n_positions) + 40);
  EXPECT_EQ(finished(text_loss(model, text, {})).losses,
            finished(text_loss(model, text, {.stride = config.n_positions / 2})).losses);
}

TEST_P(TextLossOf, RefusesATextOfOneTokenAndImpossibleStrides) {
  EXPECT_EQ(refused(text_loss(model, {3}, {})).code, ErrorCode::bad_tokens);
  EXPECT_EQ(refused(text_loss(model, tokens, {.stride = 0})).code, ErrorCode::bad_option);
  EXPECT_EQ(refused(text_loss(model, tokens, {.stride = config.n_positions})).code,
            ErrorCode::bad_option);
}

INSTANTIATE_TEST_SUITE_P(Models, TextLossOf, kModels, model_name);

}  // namespace
}  // namespace glassformer
