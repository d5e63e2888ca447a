// Dot products are those of the run's own queries and keys, and times the factor its scores.
#include "core/analysis/dot_products.h"

#include "tests/support/analysis.h"

namespace glassformer {
namespace {

using namespace testing_support;

class DotProductsOf : public AnalysisOf {
 protected:
  const int64_t T = std::ssize(tokens), H = config.n_head, D = config.head_width();

  std::vector<float> products(int block, std::vector<Edit> edits = {}) {
    return finished(attention_dot_products(model, tokens, block, std::move(edits)));
  }
  static float at(const ConstTensorView& tensor, int64_t i, int64_t j, int64_t k) {
    return tensor.data[(i * tensor.dims[1] + j) * tensor.dims[2] + k];
  }
};

TEST_P(DotProductsOf, EachIsThatOfAQueryAndAKeyOfTheRun) {
  for (int block = 0; block < config.n_layer; ++block) {
    const std::string q_name = activation_name({Hook::q, block}),
                      k_name = activation_name({Hook::k, block});
    const ForwardPass pass = run_fresh(model, tokens, {.names = {q_name, k_name}});
    const ConstTensorView q = captured(pass, q_name), k = captured(pass, k_name);
    const std::vector<float> found = products(block);
    ASSERT_EQ(std::ssize(found), H * T * T);
    for (int64_t h = 0; h < H; ++h) {
      for (int64_t t = 0; t < T; ++t) {
        for (int64_t s = 0; s <= t; ++s) {
          double dot = 0, size = 0;
          for (int64_t d = 0; d < D; ++d) {
            const double product = double{at(q, t, h, d)} * at(k, s, h, d);
            dot += product;
            size += std::abs(product);
          }
          EXPECT_NEAR(found[static_cast<size_t>((h * T + t) * T + s)], dot, 1e-6 * size);
        }
      }
    }
  }
}

TEST_P(DotProductsOf, TimesTheFactorTheyAreTheScores) {
  const int block = config.n_layer - 1;
  const std::string name = activation_name({Hook::attn_scores, block});
  const ForwardPass pass = run_fresh(model, tokens, {.names = {name}});
  const ConstTensorView scores = captured(pass, name);
  const std::vector<float> found = products(block);
  float largest = 0;
  for (const float product : found) {
    if (std::isfinite(product)) largest = std::max(largest, std::abs(product));
  }
  const float factor = score_factor(config, block);
  for (size_t i = 0; i < found.size(); ++i) {
    const float score = scores.data[i];
    if (std::isfinite(score)) {
      EXPECT_NEAR(found[i] * factor, score, kReferenceTolerance * largest * factor);
    } else {
      // What no query sees yet has no product either.
      EXPECT_EQ(found[i], score);
    }
  }
}

TEST_P(DotProductsOf, AnEditedQueryHasOthersInItsHead) {
  Edit edit{.activation = {Hook::q, 1}, .operation = EditOperation::scale, .head = AxisRange{1, 2}};
  edit.values = {2};
  const std::vector<float> before = products(1), after = products(1, {edit});
  for (int64_t h = 0; h < H; ++h) {
    for (size_t i = 0; i < static_cast<size_t>(T * T); ++i) {
      const size_t place = static_cast<size_t>(h * T * T) + i;
      EXPECT_EQ(after[place], h == 1 ? 2 * before[place] : before[place]);
    }
  }
}

TEST_P(DotProductsOf, RefusesABlockThatIsNotThere) {
  for (const int block : {-1, config.n_layer}) {
    const Error error = refused(attention_dot_products(model, tokens, block));
    EXPECT_EQ(error.code, ErrorCode::bad_option);
    EXPECT_EQ(error.message, "block must be 0 to " + std::to_string(config.n_layer - 1) + ", not " +
                                 std::to_string(block));
  }
  EXPECT_EQ(refused(attention_dot_products(model, {}, 0)).code, ErrorCode::bad_tokens);
}

INSTANTIATE_TEST_SUITE_P(Models, DotProductsOf, kModels, model_name);

}  // namespace
}  // namespace glassformer
