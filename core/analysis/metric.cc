#include "core/analysis/metric.h"

#include <cmath>
#include <string>

#include "core/distribution.h"

namespace glassformer {

const char* metric_kind_name(MetricKind kind) {
  switch (kind) {
    case MetricKind::logit:
      return "logit";
    case MetricKind::logit_difference:
      return "logit_difference";
    case MetricKind::probability:
      return "probability";
    case MetricKind::log_probability:
      return "log_probability";
    case MetricKind::kl_divergence:
      return "kl_divergence";
  }
  return "";
}

Status check_metric(const Metric& metric, const Config& config) {
  const auto check = [&](bool used, int32_t id) -> Status {
    if (!used || (id >= 0 && id < config.vocab_size)) return {};
    return Error{ErrorCode::bad_tokens, "the metric's token " + std::to_string(id) +
                                            " is outside the vocabulary, whose ids are 0 to " +
                                            std::to_string(config.vocab_size - 1)};
  };
  if (Status status = check(metric.kind != MetricKind::kl_divergence, metric.token); !status) {
    return status;
  }
  return check(metric.kind == MetricKind::logit_difference, metric.against);
}

double measure(const Metric& metric, std::span<const float> logits,
               std::span<const float> reference) {
  const auto logit = [&](int32_t id) { return double{logits[static_cast<size_t>(id)]}; };
  switch (metric.kind) {
    case MetricKind::logit:
      return logit(metric.token);
    case MetricKind::logit_difference:
      return logit(metric.token) - logit(metric.against);
    case MetricKind::probability:
      return std::exp(logit(metric.token) - log_sum_exp(logits));
    case MetricKind::log_probability:
      return logit(metric.token) - log_sum_exp(logits);
    case MetricKind::kl_divergence:
      return kl_divergence(reference, logits);
  }
  return 0;
}

}  // namespace glassformer
