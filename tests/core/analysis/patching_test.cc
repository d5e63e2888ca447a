// Patching is a run with an edit; what makes it fast changes no number.
#include "core/analysis/patching.h"

#include "core/distribution.h"
#include "tests/support/analysis.h"

namespace glassformer {
namespace {

using namespace testing_support;

class PatchingOf : public AnalysisOf {
 protected:
  std::vector<int32_t> other = {5, 17, 31, 44, 9, 17, 61, 2};
  Metric metric{.kind = MetricKind::logit_difference, .token = 9, .against = 4};
};

TEST_P(PatchingOf, EveryCellEqualsAWholeRunWithThatEdit) {
  for (const char* name : {"hook_resid_pre", "hook_mlp_out", "attn.hook_z", "attn.hook_pattern"}) {
    const Patching patching =
        finished(activation_patching(model, other, tokens, {.activation = name, .metric = metric}));
    ASSERT_EQ(std::ssize(patching.values), config.n_layer * std::ssize(tokens));
    const int block = config.n_layer - 1, position = 4;
    const std::string full = "blocks." + std::to_string(block) + "." + name;
    const ForwardPass source = run_fresh(model, other, {.names = {full}});
    const ConstTensorView values = captured(source, full);
    Edit edit{.activation = *find_activation(full, config),
              .operation = EditOperation::set,
              .position = AxisRange{position, position + 1}};
    const int64_t T = std::ssize(tokens), H = config.n_head;
    if (std::string_view(name).ends_with("pattern")) {
      for (int64_t h = 0; h < H; ++h) {
        const auto row = values.row(h * T + position);
        edit.values.insert(edit.values.end(), row.begin(), row.end());
      }
    } else {
      const int64_t rows = values.rank == 3 ? H : 1;
      for (int64_t h = 0; h < rows; ++h) {
        const auto row = values.row(position * rows + h);
        edit.values.insert(edit.values.end(), row.begin(), row.end());
      }
    }
    const ForwardPass patched = run_for_logits(model, tokens, {edit});
    const auto row = patched.logits().row(T - 1);
    EXPECT_NEAR(patching.values[static_cast<size_t>(block * T + position)],
                double{row[9]} - double{row[4]}, 1e-6)
        << name;
  }
}

TEST_P(PatchingOf, HeadsArePatchedAtAllPositions) {
  const Patching patching = finished(activation_patching(
      model, other, tokens,
      {.activation = "attn.hook_v", .axis = PatchAxis::head, .metric = metric}));
  EXPECT_EQ(patching.columns, config.n_head);
  const ForwardPass source = run_fresh(model, other, {.names = {"blocks.0.attn.hook_v"}});
  const ConstTensorView v = captured(source, "blocks.0.attn.hook_v");
  Edit edit{.activation = {Hook::v, 0}, .operation = EditOperation::set, .head = AxisRange{1, 2}};
  for (int64_t t = 0; t < std::ssize(tokens); ++t) {
    const auto row = v.row(t * config.n_head + 1);
    edit.values.insert(edit.values.end(), row.begin(), row.end());
  }
  const ForwardPass patched = run_for_logits(model, tokens, {edit});
  const auto row = patched.logits().row(std::ssize(tokens) - 1);
  EXPECT_NEAR(patching.values[1], double{row[9]} - double{row[4]}, 1e-6);
}

TEST_P(PatchingOf, WhatIsTheSameInBothTextsChangesNothing) {
  // Position 0 holds the same token, and nothing before it.
  const Patching patching = finished(activation_patching(model, other, tokens, {.metric = metric}));
  const int64_t T = std::ssize(tokens);
  for (int i = 0; i < config.n_layer; ++i) {
    EXPECT_EQ(patching.values[static_cast<size_t>(i * T)], static_cast<float>(patching.into));
  }
}

TEST_P(PatchingOf, ATextOfOneTokenBecomesTheOther) {
  const Patching patching = finished(activation_patching(model, {3}, {7}, {.metric = metric}));
  for (const float value : patching.values) EXPECT_EQ(value, static_cast<float>(patching.from));
}

TEST_P(PatchingOf, MetricsAreThoseOfTheLogits) {
  const ForwardPass from = run_for_logits(model, other), into = run_for_logits(model, tokens);
  const auto p = from.logits().row(3), q = into.logits().row(3);
  const auto measured = [&](MetricKind kind) {
    Metric asked = metric;
    asked.kind = kind;
    asked.position = 3;
    const Patching patching =
        finished(activation_patching(model, other, tokens, {.metric = asked}));
    return std::pair(patching.from, patching.into);
  };
  EXPECT_EQ(measured(MetricKind::logit), std::pair(double{p[9]}, double{q[9]}));
  const double probability = softmax(q)[9];
  EXPECT_NEAR(measured(MetricKind::probability).second, probability, 1e-12);
  EXPECT_NEAR(measured(MetricKind::log_probability).second, std::log(probability), 1e-9);
  const auto [none, some] = measured(MetricKind::kl_divergence);
  EXPECT_EQ(none, 0);
  const std::vector<double> of_p = softmax(p), of_q = softmax(q);
  double divergence = 0;
  for (size_t v = 0; v < p.size(); ++v) divergence += of_p[v] * std::log(of_p[v] / of_q[v]);
  EXPECT_NEAR(some, divergence, 1e-9);
}

TEST_P(PatchingOf, RefusesWhatItCannotDo) {
  const auto error = [&](PatchingOptions options) {
    options.metric.token = 1;
    return refused(activation_patching(model, other, tokens, options));
  };
  EXPECT_EQ(refused(activation_patching(model, {1, 2}, {1}, {})).code, ErrorCode::bad_tokens);
  EXPECT_EQ(error({.activation = "hook_resid_pri"}).message,
            "no activation of a block is named \"hook_resid_pri\"; the nearest is "
            "\"hook_resid_pre\"");
  EXPECT_EQ(error({.activation = "hook_mlp_out", .axis = PatchAxis::head}).code,
            ErrorCode::bad_option);
  EXPECT_EQ(error({.activation = "attn.hook_result"}).code, ErrorCode::bad_name);
  EXPECT_EQ(error({.metric = {.position = 8}}).code, ErrorCode::bad_option);
}

INSTANTIATE_TEST_SUITE_P(Models, PatchingOf, kModels, model_name);

}  // namespace
}  // namespace glassformer
