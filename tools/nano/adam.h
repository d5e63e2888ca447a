// Adam with decoupled weight decay (Kingma and Ba 2015; Loshchilov and Hutter 2019).
#pragma once

#include <span>
#include <vector>

#include "tools/nano/parameters.h"

namespace glassformer::nano {

struct AdamOptions {
  double beta1 = 0.9;
  double beta2 = 0.99;
  double epsilon = 1e-8;
  double weight_decay = 0.01;  // of matrices only, as usual
  double longest = 1;          // gradients are scaled down to this length (Pascanu et al. 2013)
};

class Adam {
 public:
  Adam(const Parameters& parameters, const AdamOptions& options);

  // One step along `gradient`, which is scaled in place where it is too long.
  void step(std::span<float> weights, std::span<float> gradient, double rate);

 private:
  const Parameters& parameters_;
  AdamOptions options_;
  std::vector<float> mean_, square_;  // running, of the gradients
  int steps_ = 0;
};

// Linear from 0 over `warmup` steps, then half a cosine down to 0 at `steps`.
double learning_rate(double peak, int step, int warmup, int steps);

}  // namespace glassformer::nano
