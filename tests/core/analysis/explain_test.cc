// For every activation: the terms add up to the number, and are made of the model's own.
#include "core/analysis/explain.h"

#include "core/distribution.h"
#include "tests/support/analysis.h"

namespace glassformer {
namespace {

using namespace testing_support;

class ExplanationOf : public AnalysisOf {
 protected:
  Explanation explained(const std::string& name, std::vector<int64_t> index,
                        ExplainOptions options = {.terms = 1 << 20}) {
    return finished(explain(model, tokens, name, std::move(index), std::move(options)));
  }

  static double product(const ExplainedTerm& term) {
    double value = 1;
    for (const ExplainedFactor& factor : term.factors) value *= factor.value;
    return value;
  }

  // Checks a sum within itself; returns the sum of the terms' absolute values.
  static double check_sum(const ExplainedSum& sum) {
    double total = sum.others_value, absolute = std::abs(sum.others_value);
    for (const ExplainedTerm& term : sum.terms) {
      EXPECT_NEAR(term.value, product(term), 1e-12 * std::abs(term.value));
      total += term.value;
      absolute += std::abs(term.value);
    }
    EXPECT_NEAR(total, sum.total, 1e-12 * absolute);
    return absolute;
  }

  // Each factor that names an activation has its value in the trace.
  void check_factors(const Explanation& explanation) {
    for (const ExplainedTerm& term : explanation.sum.terms) {
      for (const ExplainedFactor& factor : term.factors) {
        const auto id = find_activation(factor.name, config);
        if (!id) continue;
        const ForwardPass pass = run_fresh(model, tokens, {.names = {factor.name}});
        const ConstTensorView tensor = captured(pass, factor.name);
        int64_t place = 0;
        for (size_t axis = 0; axis < factor.index.size(); ++axis) {
          place = place * tensor.dims[axis] + factor.index[axis];
        }
        EXPECT_NEAR(tensor.data[place], factor.value, 1e-5 * std::max(1.0, std::abs(factor.value)));
      }
    }
  }
};

TEST_P(ExplanationOf, TermsAddUpToEveryActivation) {
  std::vector<std::string> patterns = {"*", "*hook_result"};
  for (const ActivationId id : *select_activations(patterns, config)) {
    const std::string name = activation_name(id);
    SCOPED_TRACE(name);
    std::vector<int64_t> last = activation_dims(id.hook, config, 8, 0), middle;
    for (int64_t& size : last) {
      middle.push_back(size / 2);
      --size;
    }
    for (const auto& index : {last, middle}) {
      const Explanation explanation = explained(name, index);
      EXPECT_EQ(explanation.name, name);
      EXPECT_EQ(explanation.index, index);
      const double absolute = check_sum(explanation.sum);
      EXPECT_NEAR(explanation.sum.total, explanation.value, kReferenceTolerance * absolute);
      EXPECT_NEAR(explanation.remainder, explanation.value - explanation.sum.total, 1e-12);
      for (const ExplainedQuantity& quantity : explanation.quantities) {
        if (!quantity.sum.terms.empty()) {
          check_sum(quantity.sum);
          EXPECT_EQ(quantity.value, quantity.sum.total);
        }
      }
    }
  }
}

TEST_P(ExplanationOf, FactorsAreEntriesOfTheRun) {
  for (const auto& [name, index] : std::vector<std::pair<std::string, std::vector<int64_t>>>{
           {"blocks.1.hook_resid_mid", {3, 5}},
           {"blocks.1.attn.hook_attn_scores", {1, 5, 2}},
           {"blocks.0.attn.hook_z", {5, 1, 3}},
           {"blocks.0.mlp.hook_post", {2, 7}},
           {"blocks.1.hook_attn_out", {2, 7}}}) {
    SCOPED_TRACE(name);
    const Explanation explanation = explained(name, index);
    EXPECT_FALSE(explanation.sum.terms.empty());
    check_factors(explanation);
  }
}

TEST_P(ExplanationOf, WeightsAreThoseOfTheModelUnderTheirOwnNames) {
  for (const auto& [name, index] : std::vector<std::pair<std::string, std::vector<int64_t>>>{
           {"blocks.1.attn.hook_v", {3, 1, 2}},
           {"blocks.0.mlp.hook_pre", {3, 5}},
           {"blocks.0.hook_mlp_out", {3, 5}},
           {"blocks.0.attn.hook_result", {3, 1, 5}},
           {"hook_embed", {3, 5}},
           {"hook_pos_embed", {3, 5}},
           {"logits", {3, 5}}}) {
    SCOPED_TRACE(name);
    int weights = 0;
    for (const ExplainedTerm& term : explained(name, index).sum.terms) {
      for (const ExplainedFactor& factor : term.factors) {
        const NamedWeight* weight = model.weights.find(factor.name);
        if (!weight) continue;
        ++weights;
        int64_t place = 0;
        for (size_t axis = 0; axis < factor.index.size(); ++axis) {
          place = place * weight->shape[axis] + factor.index[axis];
        }
        float value = 0;
        weight->read(place, std::span(&value, 1));
        EXPECT_EQ(value, static_cast<float>(factor.value)) << factor.name;
      }
    }
    EXPECT_GT(weights, 0);
  }
}

TEST_P(ExplanationOf, AProbabilityIsItsShareOfTheSoftmax) {
  const ForwardPass pass = run_for_logits(model, tokens);
  const double p = softmax(pass.logits().row(4))[9];
  const Explanation explanation = explained("probabilities", {4, 9});
  EXPECT_NEAR(explanation.value, p, 1e-7);
  EXPECT_NEAR(explanation.sum.total, p, 1e-7);
  const ExplainedQuantity& total = explanation.quantities.back();
  EXPECT_EQ(total.symbol, "Z");
  EXPECT_EQ(std::ssize(total.sum.terms), config.vocab_size);
  EXPECT_EQ(total.sum.terms[0].value, 1);
}

TEST_P(ExplanationOf, ListsTheLargestTermsAndCountsTheOthers) {
  const Explanation all = explained("logits", {-1, 3});
  const Explanation few = explained("logits", {-1, 3}, {.terms = 3});
  ASSERT_EQ(few.sum.terms.size(), 3u);
  EXPECT_EQ(few.index[0], std::ssize(tokens) - 1);
  EXPECT_EQ(few.sum.others, config.n_embd - 3);
  EXPECT_EQ(few.sum.total, all.sum.total);
  for (size_t i = 1; i < all.sum.terms.size(); ++i) {
    EXPECT_GE(std::abs(all.sum.terms[i - 1].value), std::abs(all.sum.terms[i].value));
  }
  EXPECT_EQ(few.sum.terms[2].value, all.sum.terms[2].value);
  check_sum(few.sum);
}

TEST_P(ExplanationOf, AScoreHasItsDotProductBeforeTheScaling) {
  const Explanation score = explained("blocks.1.attn.hook_attn_scores", {1, 5, 2});
  ASSERT_EQ(score.quantities.size(), 1u);
  const ExplainedQuantity& dot = score.quantities[0];
  EXPECT_EQ(dot.symbol, "dot");
  EXPECT_EQ(std::ssize(dot.sum.terms), config.head_width());
  const double size = check_sum(dot.sum);
  const double factor = score_factor(config, 1);
  EXPECT_NEAR(dot.value * factor, score.sum.total, 1e-12 * size);
  for (const ExplainedTerm& term : dot.sum.terms) {
    ASSERT_EQ(term.factors.size(), 2u);
    EXPECT_EQ(term.factors[0].name, "blocks.1.attn.hook_q");
    EXPECT_EQ(term.factors[1].name, "blocks.1.attn.hook_k");
  }
}

TEST_P(ExplanationOf, AMaskedScoreHasNoTerms) {
  const Explanation score = explained("blocks.0.attn.hook_attn_scores", {0, 2, 3});
  EXPECT_TRUE(std::isinf(score.value));
  EXPECT_TRUE(score.sum.terms.empty());
  EXPECT_TRUE(score.quantities.empty());
  EXPECT_EQ(score.remainder, 0);
  EXPECT_EQ(explained("blocks.0.attn.hook_pattern", {0, 2, 3}).value, 0);
}

TEST_P(ExplanationOf, AnEditOfTheNumberItselfIsTheRemainder) {
  Edit edit{.activation = {Hook::mlp_out, 0}, .operation = EditOperation::add};
  edit.values = {7};
  const Explanation explanation = explained("blocks.0.hook_mlp_out", {1, 1}, {.edits = {edit}});
  EXPECT_NEAR(explanation.remainder, 7, 1e-4);
}

TEST_P(ExplanationOf, RefusesWhatIsNotThere) {
  const auto error = [&](const char* name, std::vector<int64_t> index) {
    return refused(explain(model, tokens, name, std::move(index), {}));
  };
  EXPECT_EQ(error("blocks.0.attn.hook_qq", {0, 0, 0}).code, ErrorCode::bad_name);
  EXPECT_EQ(error("logits", {0}).message, "logits has 2 axes, but the index has 1 numbers");
  EXPECT_EQ(error("logits", {8, 0}).message,
            "index 8 is outside axis 0 of logits, which has 8 entries");
  EXPECT_EQ(error("logits", {-9, 0}).code, ErrorCode::bad_option);
}

INSTANTIATE_TEST_SUITE_P(Models, ExplanationOf, kModels, model_name);

}  // namespace
}  // namespace glassformer
