// What the tests of analyses share: models of different shapes, and a text for each.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/analysis/work.h"
#include "tests/support/models.h"
#include "tests/support/near.h"

namespace glassformer::testing_support {

class AnalysisOf : public ::testing::TestWithParam<const char*> {
 protected:
  Model model = load_model(GetParam());
  Config config = model.config;
  // One token repeats.
  std::vector<int32_t> tokens = {5, 17, 30, 44, 8, 17, 61, 0};
};

inline const auto kModels =
    ::testing::Values("tests/golden/plain", "tests/golden/odd", "weights/stories");

inline std::string model_name(const ::testing::TestParamInfo<const char*>& info) {
  const std::string folder = info.param;
  return folder.substr(folder.rfind('/') + 1);
}

// The result of work that must succeed.
template <class T>
T finished(Work<T> work) {
  Result<T> result = work.finish();
  if (!result) {
    ADD_FAILURE() << result.error().message;
    std::abort();
  }
  return *std::move(result);
}

template <class T>
Error refused(Work<T> work) {
  Result<T> result = work.finish();
  if (!result) return result.error();
  ADD_FAILURE() << "was not refused";
  return {ErrorCode::io, ""};
}

// Logits [T,V] of a run.
inline ForwardPass run_for_logits(const Model& model, std::span<const int32_t> tokens,
                                  std::vector<Edit> edits = {}) {
  return run_fresh(model, tokens, {.edits = std::move(edits), .logits = LogitRows::all});
}

// Layer norm and unembedding of one residual stream, written out in double.
inline std::vector<double> reference_logits(const Model& model, std::span<const float> residual) {
  const size_t C = residual.size();
  double mean = 0, variance = 0;
  for (const float x : residual) mean += x / static_cast<double>(C);
  for (const float x : residual) variance += (x - mean) * (x - mean) / static_cast<double>(C);
  const double scale = std::sqrt(variance + model.config.layer_norm_epsilon);
  std::vector<double> logits;
  for (int64_t v = 0; v < model.config.vocab_size; ++v) {
    double sum = 0;
    for (size_t c = 0; c < C; ++c) {
      const double x = (residual[c] - mean) / scale * model.weights.ln_f.weight.data[c] +
                       model.weights.ln_f.bias.data[c];
      sum += x * model.weights.lm_head.at(v, static_cast<int64_t>(c));
    }
    logits.push_back(sum);
  }
  return logits;
}

}  // namespace glassformer::testing_support
