// The distribution that logits stand for, in double: a probability of 1e-30 is kept as such.
#pragma once

#include <span>
#include <vector>

namespace glassformer {

// softmax over all V logits; a token of -infinity has probability 0. At least one logit is finite.
std::vector<double> softmax(std::span<const float> logits);

// ln sum exp(logits): the logarithm of a token's probability is its logit minus this.
double log_sum_exp(std::span<const float> logits);

// - sum p ln p, in nats; 0 ln 0 is 0.
double entropy(std::span<const double> p);

// sum p ln(p / q), in nats: the Kullback-Leibler divergence of q from p, for logits of both.
double kl_divergence(std::span<const float> p_logits, std::span<const float> q_logits);

}  // namespace glassformer
