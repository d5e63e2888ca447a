// Training's own GPT-2: its gradients against differences of its loss, its numbers against core's.
#include "tools/nano/gpt2.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/models.h"
#include "tests/support/near.h"
#include "tests/support/read_weights.h"
#include "tools/nano/random.h"
#include "tools/nano/train.h"

namespace glassformer::nano {
namespace {

using namespace testing_support;

Recipe small_recipe() {
  Recipe recipe;
  recipe.task = {.letters = 3, .longest = 3};
  recipe.heads = 2;
  recipe.width = 6;
  recipe.inner = 5;
  return recipe;
}

// Texts of different lengths, and losses that count differently.
Batch make_batch() {
  Batch batch;
  batch.add(std::vector<int32_t>{2, 0, 2, 3, 0, 2, 2, 4},
            std::vector<double>{0, 0.5, 1, 2, 1, 0, 1});
  batch.add(std::vector<int32_t>{1, 3}, std::vector<double>{1});
  batch.add(std::vector<int32_t>{0, 1, 3, 0}, std::vector<double>{0.1, 0.1, 3});
  return batch;
}

// Away from the initial ones, where biases are 0 and layer norms 1.
std::vector<double> make_weights(const Parameters& parameters) {
  Random random(5);
  std::vector<double> weights(parameters.size());
  for (double& weight : weights) weight = 0.5 * random.normal();
  return weights;
}

TEST(Gradient, EqualsTheSlopeOfTheLossInEveryWeight) {
  const Config config = small_recipe().config();
  const Parameters parameters(config);
  const Batch batch = make_batch();
  std::vector<double> weights = make_weights(parameters);
  std::vector<double> gradient(parameters.size()), unused(parameters.size());
  Gpt2<double> model(config);
  model.loss_and_gradient(weights, batch, gradient);

  constexpr double kStep = 1e-5;
  for (const Parameter& parameter : parameters.all()) {
    SCOPED_TRACE(parameter.name);
    double largest = 0, difference = 0;
    for (size_t i = parameter.offset; i < parameter.offset + parameter.size(); ++i) {
      const double weight = weights[i];
      weights[i] = weight + kStep;
      const double above = model.loss_and_gradient(weights, batch, unused);
      weights[i] = weight - kStep;
      const double below = model.loss_and_gradient(weights, batch, unused);
      weights[i] = weight;
      const double slope = (above - below) / (2 * kStep);
      largest = std::max(largest, std::abs(slope));
      difference = std::max(difference, std::abs(slope - gradient[i]));
    }
    EXPECT_GT(largest, 1e-4);
    EXPECT_LT(difference, 1e-8);
  }
}

TEST(Gradient, IsNoneWhereTheModelIsCertainOfTheTarget) {
  const Config config = small_recipe().config();
  const Parameters parameters(config);
  std::vector<double> weights(parameters.size()), gradient(parameters.size(), 1.0);
  // The last layer norm writes one vector everywhere, which is the target's row of wte.
  weights[parameters.named("ln_f.bias").offset] = 100;
  weights[parameters.named("wte.weight").offset + 2 * 6] = 100;
  Batch batch;
  batch.add(std::vector<int32_t>{0, 2, 2}, std::vector<double>{1, 1});
  EXPECT_EQ(Gpt2<double>(config).loss_and_gradient(weights, batch, gradient), 0);
  // Eigen's exp of what underflows is the least number, not 0.
  for (const double g : gradient) EXPECT_NEAR(g, 0, 1e-300);
}

TEST(Training, RunsTheModelThatCoreRuns) {
  const Model model = load_model("weights/nano");
  const Parameters parameters(model.config);
  std::vector<double> weights(parameters.size()), gradient(parameters.size());
  for (const NamedWeight& weight : model.weights.named) {
    const std::vector<float> values = values_of(weight);
    std::copy(values.begin(), values.end(),
              weights.begin() + static_cast<std::ptrdiff_t>(parameters.named(weight.name).offset));
  }
  const std::vector<int32_t> text = Sorting().text(std::vector<int32_t>{6, 11, 0, 18, 18});
  Batch batch;
  batch.add(text, std::vector<double>(text.size() - 1, 1.0));
  Gpt2<double> trained(model.config);
  trained.loss_and_gradient(weights, batch, gradient);
  const ForwardPass pass = run_fresh(model, batch.tokens, {.logits = LogitRows::all});
  const std::vector<float> expected(trained.logits().begin(), trained.logits().end());
  EXPECT_TRUE(all_near(pass.logits().span(), expected, kReferenceTolerance));
}

TEST(Training, GivesTheSameWeightsForTheSameSeed) {
  Recipe recipe = small_recipe();
  recipe.steps = 20;
  recipe.batch = 4;
  const auto weights_of = [&](uint64_t seed) {
    recipe.seed = seed;
    return train(recipe, [](int, double) {});
  };
  EXPECT_EQ(weights_of(1), weights_of(1));
  EXPECT_NE(weights_of(1), weights_of(2));
}

TEST(Training, LowersTheLoss) {
  Recipe recipe = small_recipe();
  recipe.steps = 300;
  recipe.warmup = 20;
  recipe.batch = 16;
  double first = 0, last = 0;
  train(recipe, [&](int step, double loss) {
    if (step <= 10) first += loss / 10;
    if (step > recipe.steps - 10) last += loss / 10;
  });
  EXPECT_GT(first, 1.2);
  EXPECT_LT(last, 0.7 * first);
}

}  // namespace
}  // namespace glassformer::nano
