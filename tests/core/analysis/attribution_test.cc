// The terms add up to the logit.
#include "core/analysis/attribution.h"

#include "tests/support/analysis.h"

namespace glassformer {
namespace {

using namespace testing_support;

class AttributionOf : public AnalysisOf {
 protected:
  double largest_term(const Attribution& attribution) {
    double largest = 0;
    for (const AttributionTerm& term : attribution.terms) {
      largest = std::max(largest, std::abs(term.value));
    }
    return largest;
  }
};

TEST_P(AttributionOf, TheTermsAddUpToTheLogitAtEveryPosition) {
  const ForwardPass pass = run_for_logits(model, tokens);
  for (int t = 0; t < std::ssize(tokens); ++t) {
    const Attribution attribution =
        finished(logit_attribution(model, tokens, {.position = t, .token = 9}));
    EXPECT_EQ(attribution.terms.size(),
              static_cast<size_t>(3 + config.n_layer * (config.n_head + 2)));
    EXPECT_NEAR(attribution.value, pass.logits().row(t)[9], 1e-4);
    const double tolerance = kReferenceTolerance * largest_term(attribution);
    EXPECT_NEAR(attribution.sum, attribution.value, tolerance);
    EXPECT_EQ(attribution.remainder, attribution.value - attribution.sum);
  }
}

TEST_P(AttributionOf, AContrastIsTheDifferenceOfTwo) {
  const Attribution plus = finished(logit_attribution(model, tokens, {.token = 9}));
  const Attribution minus = finished(logit_attribution(model, tokens, {.token = 4}));
  const Attribution contrast =
      finished(logit_attribution(model, tokens, {.token = 9, .against = 4}));
  EXPECT_NEAR(contrast.value, plus.value - minus.value, 1e-5);
  for (size_t i = 0; i < contrast.terms.size(); ++i) {
    EXPECT_NEAR(contrast.terms[i].value, plus.terms[i].value - minus.terms[i].value,
                1e-6 * std::max(1.0, largest_term(plus)));
  }
}

TEST_P(AttributionOf, AHeadsTermIsWhatTheLogitLosesWithoutItAtTheSameScale) {
  const Attribution attribution = finished(logit_attribution(model, tokens, {.token = 9}));
  const int block = config.n_layer - 1, head = 1;
  const std::string last = "blocks." + std::to_string(block);
  const ForwardPass pass =
      run_fresh(model, tokens, {.names = {last + ".hook_resid_post", last + ".attn.hook_result"}});
  const int64_t t = std::ssize(tokens) - 1;
  const auto stream = captured(pass, last + ".hook_resid_post").row(t);
  const auto result = captured(pass, last + ".attn.hook_result").row(t * config.n_head + head);
  // The stream's standard deviation is held, its mean is not.
  const auto unscaled = [&](std::span<const float> x) {
    double mean = 0, sum = 0;
    for (const float value : x) mean += value / static_cast<double>(x.size());
    for (size_t c = 0; c < x.size(); ++c) {
      sum += (x[c] - mean) * model.weights.ln_f.weight.data[c] *
             model.weights.lm_head.at(9, static_cast<int64_t>(c));
    }
    return sum;
  };
  std::vector<float> without(stream.begin(), stream.end());
  for (size_t c = 0; c < without.size(); ++c) without[c] -= result[c];
  double mean = 0, variance = 0;
  for (const float x : stream) mean += x / static_cast<double>(stream.size());
  for (const float x : stream)
    variance += (x - mean) * (x - mean) / static_cast<double>(stream.size());
  const double scale = std::sqrt(variance + config.layer_norm_epsilon);
  const double expected = (unscaled(stream) - unscaled(without)) / scale;
  const auto term = std::find_if(attribution.terms.begin(), attribution.terms.end(),
                                 [&](const AttributionTerm& candidate) {
                                   return candidate.kind == AttributionTerm::Kind::head &&
                                          candidate.block == block && candidate.head == head;
                                 });
  ASSERT_NE(term, attribution.terms.end());
  EXPECT_NEAR(term->value, expected, kReferenceTolerance * largest_term(attribution));
}

TEST_P(AttributionOf, WithoutATokenItTakesTheMostProbable) {
  const Attribution attribution = finished(logit_attribution(model, tokens, {.position = 2}));
  const ForwardPass pass = run_for_logits(model, tokens);
  const auto row = pass.logits().row(2);
  EXPECT_EQ(attribution.token, std::max_element(row.begin(), row.end()) - row.begin());
  EXPECT_EQ(attribution.position, 2);
}

TEST_P(AttributionOf, WhatAnEditPutsIntoTheStreamIsTheRemainder) {
  const Edit edit{.activation = {Hook::z, 0}, .operation = EditOperation::zero};
  const Attribution of_heads =
      finished(logit_attribution(model, tokens, {.token = 9, .edits = {edit}}));
  EXPECT_NEAR(of_heads.remainder, 0, kReferenceTolerance * largest_term(of_heads));
  for (const AttributionTerm& term : of_heads.terms) {
    if (term.kind == AttributionTerm::Kind::head && term.block == 0) {
      EXPECT_EQ(term.value, 0);
    }
  }
  Edit stream{.activation = {Hook::resid_pre, 1},
              .operation = EditOperation::add,
              .neuron = AxisRange{0, 1}};
  stream.values = {50};
  const Attribution of_stream =
      finished(logit_attribution(model, tokens, {.token = 9, .edits = {stream}}));
  EXPECT_GT(std::abs(of_stream.remainder), 1e-3);
}

TEST_P(AttributionOf, RefusesWhatIsNotThere) {
  const auto code = [&](AttributionOptions options) {
    return refused(logit_attribution(model, tokens, options)).code;
  };
  EXPECT_EQ(code({.token = config.vocab_size}), ErrorCode::bad_tokens);
  EXPECT_EQ(code({.token = 1, .against = -1}), ErrorCode::bad_tokens);
  EXPECT_EQ(code({.position = 8}), ErrorCode::bad_option);
  EXPECT_EQ(code({.position = -9}), ErrorCode::bad_option);
}

INSTANTIATE_TEST_SUITE_P(Models, AttributionOf, kModels, model_name);

}  // namespace
}  // namespace glassformer
