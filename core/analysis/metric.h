// One number that says how far a prediction is what one is interested in.
#pragma once

#include <cstdint>
#include <span>

#include "core/config.h"
#include "core/result.h"

namespace glassformer {

enum class MetricKind {
  logit,             // of the token
  logit_difference,  // the token's minus the other one's
  probability,       // of the token
  log_probability,   // natural logarithm
  kl_divergence,     // of the prediction from that of a reference run, in nats
};

const char* metric_kind_name(MetricKind kind);

struct Metric {
  MetricKind kind = MetricKind::logit;
  int32_t token = 0;    // not used by kl_divergence
  int32_t against = 0;  // only used by logit_difference
  int position = -1;    // of the prediction; negative counts from the end
};

// bad_tokens where a token that the metric uses is outside the vocabulary.
Status check_metric(const Metric& metric, const Config& config);

// The metric of one row of logits [V]; `reference` is another, only used by kl_divergence.
double measure(const Metric& metric, std::span<const float> logits,
               std::span<const float> reference);

}  // namespace glassformer
