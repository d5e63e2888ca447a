// The lens at the last layer is the model; before it, what a reference says.
#include "core/analysis/logit_lens.h"

#include "tests/support/analysis.h"

namespace glassformer {
namespace {

using namespace testing_support;

class LogitLensOf : public AnalysisOf {};

TEST_P(LogitLensOf, TheLastLayerIsTheModelsOwnPrediction) {
  const LogitLens lens = finished(logit_lens(model, tokens, {.top = 4}));
  const ForwardPass pass = run_for_logits(model, tokens);
  const LensLayer& last = lens.layers.back();
  ASSERT_EQ(last.positions.size(), tokens.size());
  for (size_t t = 0; t < tokens.size(); ++t) {
    const auto row = pass.logits().row(static_cast<int64_t>(t));
    ASSERT_EQ(last.positions[t].top.size(), 4u);
    for (const LensToken& token : last.positions[t].top) {
      EXPECT_EQ(token.logit, row[static_cast<size_t>(token.id)]);
    }
    EXPECT_EQ(last.positions[t].top[0].logit, *std::max_element(row.begin(), row.end()));
  }
}

TEST_P(LogitLensOf, EveryLayerEqualsTheFinalNormAndTheUnembeddingOfItsStream) {
  const std::vector<int32_t> tracked = {3, 40};
  const LogitLens lens =
      finished(logit_lens(model, tokens, {.sublayers = true, .tracked = tracked}));
  ASSERT_EQ(lens.layers.size(), static_cast<size_t>(2 * config.n_layer + 1));
  for (const LensLayer& layer : lens.layers) {
    const ForwardPass pass = run_fresh(model, tokens, {.names = {layer.name}});
    const ConstTensorView stream = captured(pass, layer.name);
    for (size_t t = 0; t < tokens.size(); t += 3) {
      const auto expected = reference_logits(model, stream.row(static_cast<int64_t>(t)));
      double largest = 0, total = 0;
      for (const double logit : expected) largest = std::max(largest, std::abs(logit));
      for (const double logit : expected) total += std::exp(logit);
      for (size_t n = 0; n < tracked.size(); ++n) {
        const LensToken& token = layer.positions[t].tracked[n];
        const double logit = expected[static_cast<size_t>(tracked[n])];
        EXPECT_EQ(token.id, tracked[n]);
        EXPECT_NEAR(token.logit, logit, kReferenceTolerance * largest);
        EXPECT_NEAR(token.probability, std::exp(logit) / total, 1e-3);
        const auto better = std::count_if(expected.begin(), expected.end(),
                                          [&](double other) { return other > logit; });
        // Neighbours closer than rounding may change places.
        EXPECT_NEAR(token.rank, better, 2);
      }
    }
  }
}

TEST_P(LogitLensOf, TheTargetIsTheNextTokenAndAtTheEndThePrediction) {
  const LogitLens lens = finished(logit_lens(model, tokens, {.top = 1}));
  for (const LensLayer& layer : lens.layers) {
    for (size_t t = 0; t + 1 < tokens.size(); ++t) {
      EXPECT_EQ(layer.positions[t].target.id, tokens[t + 1]);
    }
    EXPECT_EQ(layer.positions.back().target.id, lens.layers.back().positions.back().top[0].id);
  }
  EXPECT_EQ(lens.layers.back().positions.back().target.rank, 0);
}

TEST_P(LogitLensOf, SeesEdits) {
  const Edit edit{
      .activation = {Hook::z, 0}, .operation = EditOperation::zero, .head = AxisRange{1, 2}};
  const LogitLens edited = finished(logit_lens(model, tokens, {.edits = {edit}}));
  const ForwardPass pass = run_for_logits(model, tokens, {edit});
  const LensToken& first = edited.layers.back().positions.back().top[0];
  const auto row = pass.logits().row(std::ssize(tokens) - 1);
  EXPECT_EQ(first.logit, row[static_cast<size_t>(first.id)]);
}

TEST_P(LogitLensOf, RefusesWhatItCannotAnswer) {
  EXPECT_EQ(refused(logit_lens(model, tokens, {.tracked = {config.vocab_size}})).code,
            ErrorCode::bad_tokens);
  EXPECT_EQ(refused(logit_lens(model, tokens, {.top = -1})).code, ErrorCode::bad_option);
  EXPECT_EQ(refused(logit_lens(model, {}, {})).code, ErrorCode::bad_tokens);
  const Edit late{.activation = {Hook::logits}, .operation = EditOperation::zero};
  EXPECT_EQ(refused(logit_lens(model, tokens, {.edits = {late}})).code, ErrorCode::bad_edit);
}

TEST_P(LogitLensOf, TellsHowFarItIs) {
  Work<LogitLens> work = logit_lens(model, tokens, {});
  int last = -1, steps = 0;
  while (work.step()) {
    EXPECT_GE(work.progress().done, last);
    EXPECT_LE(work.progress().done, work.progress().total);
    last = work.progress().done;
    ++steps;
  }
  EXPECT_GT(steps, 2 * config.n_layer);
  EXPECT_EQ(last, work.progress().total);
}

INSTANTIATE_TEST_SUITE_P(Models, LogitLensOf, kModels, model_name);

}  // namespace
}  // namespace glassformer
