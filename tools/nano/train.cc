#include "tools/nano/train.h"

#include <algorithm>

#include "tools/nano/gpt2.h"

namespace glassformer::nano {
namespace {

std::vector<int32_t> draw_prompt(const Sorting& task, Random& random) {
  while (true) {
    const int length = 1 + std::max(random.below(task.longest), random.below(task.longest));
    const int kinds = 1 + std::min(random.below(task.letters), random.below(task.letters));
    std::vector<int32_t> prompt = task.draw(random, length, kinds);
    if (!Sorting::is_held_out(prompt)) return prompt;
  }
}

Batch draw_batch(const Recipe& recipe, Random& random) {
  Batch batch;
  for (int i = 0; i < recipe.batch; ++i) {
    const std::vector<int32_t> prompt = draw_prompt(recipe.task, random);
    const std::vector<int32_t> text = recipe.task.text(prompt);
    std::vector<double> weights(text.size() - 1, 1.0);
    std::fill_n(weights.begin(), prompt.size(), recipe.prompt_weight);
    batch.add(text, weights);
  }
  return batch;
}

}  // namespace

Config Recipe::config() const {
  Config config;
  config.n_layer = blocks;
  config.n_head = heads;
  config.n_embd = width;
  config.n_inner = inner;
  config.n_positions = task.n_positions();
  config.vocab_size = task.vocab_size();
  config.bos_token_id = config.eos_token_id = task.end();
  return config;
}

std::vector<float> train(const Recipe& recipe, const OnStep& on_step) {
  const Config config = recipe.config();
  const Parameters parameters(config);
  std::vector<float> weights = parameters.initial(config, recipe.seed);
  std::vector<float> gradient(parameters.size());
  Gpt2<float> model(config);
  Adam adam(parameters, recipe.adam);
  // Another stream than that of the initial weights.
  Random random(~recipe.seed);
  for (int step = 0; step < recipe.steps; ++step) {
    const Batch batch = draw_batch(recipe, random);
    const double loss = model.loss_and_gradient(weights, batch, gradient);
    adam.step(weights, gradient, learning_rate(recipe.rate, step, recipe.warmup, recipe.steps));
    on_step(step + 1, loss);
  }
  return weights;
}

}  // namespace glassformer::nano
