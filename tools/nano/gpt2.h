// GPT-2 forward and backward (Radford et al. 2019), for training: the same model as core's, which
// only runs forward, written a second time on matrices of whole batches.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/config.h"
#include "tools/nano/parameters.h"

namespace glassformer::nano {

// Texts one after the other, N tokens together; none pads another.
struct Batch {
  std::vector<int32_t> tokens;   // [N]
  std::vector<int32_t> targets;  // [N] the token after each
  std::vector<double> weights;   // [N] how much the loss at each counts; 0 where it does not
  std::vector<int> lengths;      // of each text; they add up to N

  void add(std::span<const int32_t> text, std::span<const double> loss_weights);
};

// Number is float for training and double where gradients are checked. Only what `nano` trains is
// here: tanh gelu, scaled scores, a tied head.
template <class Number>
class Gpt2 {
 public:
  explicit Gpt2(const Config& config);
  ~Gpt2();

  // The weighted mean over the batch of -ln p(target), in nats. `weights` and `gradient` are laid
  // out as Parameters; the gradient of the loss is written, not added.
  double loss_and_gradient(std::span<const Number> weights, const Batch& batch,
                           std::span<Number> gradient);

  // [N, V], row after row, of the last batch.
  std::span<const Number> logits() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace glassformer::nano
