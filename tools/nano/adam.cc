#include "tools/nano/adam.h"

#include <cmath>
#include <numbers>

namespace glassformer::nano {

Adam::Adam(const Parameters& parameters, const AdamOptions& options)
    : parameters_(parameters),
      options_(options),
      mean_(parameters.size()),
      square_(parameters.size()) {}

void Adam::step(std::span<float> weights, std::span<float> gradient, double rate) {
  ++steps_;
  double square = 0;
  for (const float g : gradient) square += static_cast<double>(g) * g;
  const double length = std::sqrt(square);
  const auto shrink = static_cast<float>(length > options_.longest ? options_.longest / length : 1);

  const auto beta1 = static_cast<float>(options_.beta1), beta2 = static_cast<float>(options_.beta2);
  // The running means begin at 0, which their first values are too near.
  const auto unbias1 = static_cast<float>(1 / (1 - std::pow(options_.beta1, steps_)));
  const auto unbias2 = static_cast<float>(1 / (1 - std::pow(options_.beta2, steps_)));
  const auto epsilon = static_cast<float>(options_.epsilon), speed = static_cast<float>(rate);
  for (const Parameter& parameter : parameters_.all()) {
    const auto decay =
        static_cast<float>(parameter.is_matrix() ? 1 - rate * options_.weight_decay : 1);
    const size_t end = parameter.offset + parameter.size();
    for (size_t i = parameter.offset; i < end; ++i) {
      const float g = gradient[i] *= shrink;
      mean_[i] = beta1 * mean_[i] + (1 - beta1) * g;
      square_[i] = beta2 * square_[i] + (1 - beta2) * g * g;
      weights[i] = weights[i] * decay -
                   speed * mean_[i] * unbias1 / (std::sqrt(square_[i] * unbias2) + epsilon);
    }
  }
}

double learning_rate(double peak, int step, int warmup, int steps) {
  if (step < warmup) return peak * (step + 1) / warmup;
  const double through = static_cast<double>(step - warmup) / (steps - warmup);
  return peak * 0.5 * (1 + std::cos(std::numbers::pi * through));
}

}  // namespace glassformer::nano
