#include "core/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "core/distribution.h"
#include "core/number_text.h"
#include "core/ranking.h"

namespace glassformer {
namespace {

// Refuses what cannot be ordered or normalised; -infinity (a token ruled out) is allowed.
Status check_logits(std::span<const float> logits) {
  bool any_finite = false;
  for (size_t id = 0; id < logits.size(); ++id) {
    if (std::isnan(logits[id]) || logits[id] == std::numeric_limits<float>::infinity()) {
      return Error{ErrorCode::bad_logits,
                   "the logit of token " + std::to_string(id) + " is " +
                       (std::isnan(logits[id]) ? "not a number" : "infinite")};
    }
    any_finite = any_finite || std::isfinite(logits[id]);
  }
  if (!any_finite) return Error{ErrorCode::bad_logits, "no token has a finite logit"};
  return {};
}

// The sum of the probabilities of the first `count` ids. That of all of them needs no order.
double sum_of_first(std::span<const double> p, Ranking& ranking, int count) {
  double sum = 0;
  if (count == ranking.size()) {
    for (const double value : p) sum += value;
    return sum;
  }
  const std::span<const int32_t> order = ranking.first(count);
  for (int i = 0; i < count; ++i) sum += p[static_cast<size_t>(order[static_cast<size_t>(i)])];
  return sum;
}

double probability_at(std::span<const double> p, Ranking& ranking, int place) {
  const std::span<const int32_t> order = ranking.first(place + 1);
  return p[static_cast<size_t>(order[static_cast<size_t>(place)])];
}

// How many of the most probable tokens top-p keeps of the first `count`: the fewest whose
// probabilities, renormalised over those, reach p.
int count_top_p(std::span<const double> p, Ranking& ranking, int count, float top_p) {
  if (top_p >= 1) return count;
  const double total = sum_of_first(p, ranking, count);
  double reached = 0;
  for (int i = 0; i < count; ++i) {
    reached += probability_at(p, ranking, i);
    if (reached >= top_p * total) return i + 1;
  }
  return count;
}

// How many of the first `count` are at least min_p times as probable as the first.
int count_min_p(std::span<const double> p, Ranking& ranking, int count, float min_p) {
  if (min_p <= 0) return count;
  const double least = min_p * probability_at(p, ranking, 0);
  int kept = 1;
  while (kept < count && probability_at(p, ranking, kept) >= least) ++kept;
  return kept;
}

// Which tokens survive, and which one is drawn.
struct Choice {
  int after_top_k = 1;
  int after_top_p = 1;
  int after_min_p = 1;
  double kept = 1;  // the survivors' probabilities together
  double draw = 0;
  int32_t token = 0;
};

Choice choose(std::span<const double> p, Ranking& ranking, const SamplingOptions& options,
              uint64_t step) {
  Choice choice;
  choice.token = ranking.first(1)[0];
  if (options.temperature == 0) return choice;
  choice.after_top_k = options.top_k > 0 ? std::min(options.top_k, ranking.size()) : ranking.size();
  choice.after_top_p = count_top_p(p, ranking, choice.after_top_k, options.top_p);
  choice.after_min_p = count_min_p(p, ranking, choice.after_top_p, options.min_p);
  choice.kept = sum_of_first(p, ranking, choice.after_min_p);
  choice.draw = uniform_draw(options.seed, step);
  double cumulative = 0;
  for (int i = 0; i < choice.after_min_p && !(cumulative > choice.draw); ++i) {
    const double share = probability_at(p, ranking, i) / choice.kept;
    cumulative += share;
    // The last token with a share takes what rounding leaves between the sum and 1.
    if (share > 0) choice.token = ranking.first(i + 1)[static_cast<size_t>(i)];
  }
  return choice;
}

std::vector<float> penalize(std::span<const float> logits, const SamplingOptions& options,
                            const SamplingContext& context) {
  std::vector<float> penalized(logits.begin(), logits.end());
  if (!options.penalizes()) return penalized;
  std::vector<bool> repeated(logits.size());
  std::vector<int> generated(logits.size());
  const auto known = [&](int32_t id) { return id >= 0 && id < std::ssize(logits); };
  for (const int32_t id : context.prompt) {
    if (known(id)) repeated[static_cast<size_t>(id)] = true;
  }
  for (const int32_t id : context.generated) {
    if (!known(id)) continue;
    repeated[static_cast<size_t>(id)] = true;
    ++generated[static_cast<size_t>(id)];
  }
  for (size_t i = 0; i < penalized.size(); ++i) {
    float& logit = penalized[i];
    if (repeated[i]) {
      logit = logit > 0 ? logit / options.repetition_penalty : logit * options.repetition_penalty;
    }
    if (generated[i] > 0) {
      logit -= options.frequency_penalty * static_cast<float>(generated[i]);
      logit -= options.presence_penalty;
    }
  }
  return penalized;
}

// Logits / temperature; the logits themselves where greedy.
std::vector<float> scale(std::span<const float> logits, float temperature) {
  std::vector<float> scaled(logits.begin(), logits.end());
  if (temperature == 0) return scaled;
  for (float& value : scaled) value /= temperature;
  return scaled;
}

// Everything up to the choice.
struct Prepared {
  std::vector<float> penalized, scaled;
  std::vector<double> p;
};

Result<Prepared> prepare(std::span<const float> logits, const SamplingOptions& options,
                         const SamplingContext& context) {
  if (const Status status = check_logits(logits); !status) return status.error();
  Prepared prepared;
  prepared.penalized = penalize(logits, options, context);
  prepared.scaled = scale(prepared.penalized, options.temperature);
  for (size_t i = 0; i < logits.size(); ++i) {
    if (!std::isfinite(logits[i]) || std::isfinite(prepared.scaled[i])) continue;
    return Error{ErrorCode::bad_option,
                 std::isfinite(prepared.penalized[i])
                     ? "temperature is so small that the scaled logits overflow; use 0 for greedy"
                     : "the penalties are so large that the logits overflow"};
  }
  prepared.p = softmax(prepared.scaled);
  return prepared;
}

}  // namespace

Status check_sampling(const SamplingOptions& options) {
  const auto check = [](const char* name, bool fits, const char* range, auto value) -> Status {
    if (fits && std::isfinite(value)) return {};
    return Error{ErrorCode::bad_option,
                 std::string(name) + " must be " + range + ", not " + number_text(value)};
  };
  const Status checks[] = {
      check("temperature", options.temperature >= 0, "a finite number of at least 0",
            options.temperature),
      check("top_k", options.top_k >= 0, "at least 0", static_cast<double>(options.top_k)),
      check("top_p", options.top_p > 0 && options.top_p <= 1, "more than 0 and at most 1",
            options.top_p),
      check("min_p", options.min_p >= 0 && options.min_p <= 1, "at least 0 and at most 1",
            options.min_p),
      check("repetition_penalty", options.repetition_penalty > 0, "a finite number of more than 0",
            options.repetition_penalty),
      check("frequency_penalty", true, "a finite number", options.frequency_penalty),
      check("presence_penalty", true, "a finite number", options.presence_penalty)};
  for (const Status& status : checks) {
    if (!status) return status;
  }
  return {};
}

Result<SamplingStages> sample(std::span<const float> logits, const SamplingOptions& options,
                              uint64_t step, const SamplingContext& context) {
  Result<Prepared> prepared = prepare(logits, options, context);
  if (!prepared) return prepared.error();
  const std::vector<double>& p = prepared->p;
  Ranking ranking(prepared->penalized);
  const std::span<const int32_t> order = ranking.first(ranking.size());
  const Choice choice = choose(p, ranking, options, step);

  SamplingStages stages;
  stages.logits.assign(logits.begin(), logits.end());
  stages.penalized = std::move(prepared->penalized);
  stages.scaled = std::move(prepared->scaled);
  stages.probabilities.assign(p.begin(), p.end());
  stages.order.assign(order.begin(), order.end());
  stages.after_top_k = choice.after_top_k;
  stages.after_top_p = choice.after_top_p;
  stages.after_min_p = choice.after_min_p;
  stages.draw = choice.draw;
  stages.token = choice.token;
  stages.filtered.assign(logits.size(), 0);
  for (const int32_t id : order.first(static_cast<size_t>(choice.after_min_p))) {
    const auto i = static_cast<size_t>(id);
    stages.filtered[i] = options.temperature == 0 ? 1.0f : static_cast<float>(p[i] / choice.kept);
  }
  return stages;
}

Result<NextToken> sample_next(std::span<const float> logits, const SamplingOptions& options,
                              uint64_t step, int candidates, const SamplingContext& context) {
  const Result<Prepared> prepared = prepare(logits, options, context);
  if (!prepared) return prepared.error();
  const std::vector<double>& p = prepared->p;
  Ranking ranking(prepared->penalized);
  const Choice choice = choose(p, ranking, options, step);

  const auto candidate = [&](int32_t id, bool survives) {
    const auto i = static_cast<size_t>(id);
    const double share = options.temperature == 0 ? 1 : p[i] / choice.kept;
    return Candidate{id, logits[i], static_cast<float>(p[i]),
                     survives ? static_cast<float>(share) : 0.0f};
  };
  NextToken next = {.chosen = candidate(choice.token, true)};
  const int count = std::min(candidates, ranking.size());
  const std::span<const int32_t> order = ranking.first(count);
  for (int i = 0; i < count; ++i) {
    next.candidates.push_back(candidate(order[static_cast<size_t>(i)], i < choice.after_min_p));
  }
  return next;
}

double uniform_draw(uint64_t seed, uint64_t step) {
  uint64_t z = seed + (step + 1) * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  z ^= z >> 31;
  return static_cast<double>(z >> 11) * 0x1.0p-53;
}

}  // namespace glassformer
