// From random weights to a model that sorts.
#pragma once

#include <functional>
#include <vector>

#include "core/config.h"
#include "tools/nano/adam.h"
#include "tools/nano/sorting.h"

namespace glassformer::nano {

// Everything that the weights depend on: the same recipe gives the same ones, as far as the
// compiler's floats and the system's exp and tanh do.
struct Recipe {
  Sorting task;
  int blocks = 2;
  int heads = 2;
  int width = 16;
  int inner = 64;

  int steps = 40'000;
  int batch = 64;  // texts a step
  double rate = 3e-3;
  int warmup = 200;
  AdamOptions adam;
  // How much the loss on a letter of the prompt counts beside one of the answer. Prompts are
  // random, so there is nothing to learn from them but that; without any of it, what the model
  // expects within a prompt would be noise.
  double prompt_weight = 0.1;
  uint64_t seed = 1;

  Config config() const;
};

// Called after each step with its number, from 1, and its loss in nats a token.
using OnStep = std::function<void(int step, double loss)>;

// The weights, laid out as Parameters(recipe.config()). Texts are drawn as they are needed: prompts
// of every length, the longer ones oftener, of few letters and of many, none that is held out.
std::vector<float> train(const Recipe& recipe, const OnStep& on_step);

}  // namespace glassformer::nano
