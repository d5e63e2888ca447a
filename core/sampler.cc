#include "core/sampler.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

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

// softmax in double over the whole vocabulary: a probability of 1e-30 is kept as such.
std::vector<double> softmax(std::span<const float> scores) {
  const double largest = *std::max_element(scores.begin(), scores.end());
  std::vector<double> p(scores.size());
  double sum = 0;
  for (size_t i = 0; i < p.size(); ++i) sum += p[i] = std::exp(scores[i] - largest);
  for (double& value : p) value /= sum;
  return p;
}

// An integer that is the smaller the larger the number is. NaN has no place.
uint32_t descending_key(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value + 0.0f);  // -0 becomes 0
  const bool negative = bits >> 31 != 0;
  return negative ? bits : ~bits & 0x7fffffffu;
}

// The ids in descending order of their logits, equals by id: a radix sort, because sorting a whole
// vocabulary by comparison takes longer than computing the logits from 8-bit weights.
std::vector<int32_t> descending(std::span<const float> logits) {
  constexpr int kBits = 11, kPasses = 3;
  constexpr uint32_t kBuckets = 1u << kBits;
  struct Item {
    uint32_t key;
    int32_t id;
  };
  std::vector<Item> items(logits.size()), sorted(logits.size());
  std::vector<uint32_t> begin(kPasses * kBuckets);
  for (size_t i = 0; i < logits.size(); ++i) {
    items[i] = {descending_key(logits[i]), static_cast<int32_t>(i)};
    for (uint32_t pass = 0; pass < kPasses; ++pass) {
      ++begin[pass * kBuckets + (items[i].key >> (pass * kBits)) % kBuckets];
    }
  }
  for (uint32_t pass = 0; pass < kPasses; ++pass) {
    uint32_t* next = begin.data() + pass * kBuckets;
    std::exclusive_scan(next, next + kBuckets, next, 0u);
    for (const Item& item : items) {
      sorted[next[(item.key >> (pass * kBits)) % kBuckets]++] = item;
    }
    items.swap(sorted);
  }
  std::vector<int32_t> ids;
  ids.reserve(items.size());
  for (const Item& item : items) ids.push_back(item.id);
  return ids;
}

// How many of the most probable tokens top-p keeps of the first `count`: the fewest whose
// probabilities, renormalised over those, reach p.
int count_top_p(std::span<const double> p, std::span<const int32_t> order, int count, float top_p) {
  if (top_p >= 1) return count;
  double total = 0;
  for (int i = 0; i < count; ++i) total += p[static_cast<size_t>(order[static_cast<size_t>(i)])];
  double reached = 0;
  for (int i = 0; i < count; ++i) {
    reached += p[static_cast<size_t>(order[static_cast<size_t>(i)])];
    if (reached >= top_p * total) return i + 1;
  }
  return count;
}

}  // namespace

Status check_sampling(const SamplingOptions& options) {
  const auto refuse = [](std::string name, std::string range, double value) {
    std::string text = std::to_string(value);
    return Error{ErrorCode::bad_option, name + " must be " + range + ", not " + text};
  };
  if (!(options.temperature >= 0) || !std::isfinite(options.temperature)) {
    return refuse("temperature", "a finite number of at least 0", options.temperature);
  }
  if (options.top_k < 0) return refuse("top_k", "at least 0", options.top_k);
  if (!(options.top_p > 0 && options.top_p <= 1)) {
    return refuse("top_p", "more than 0 and at most 1", options.top_p);
  }
  return {};
}

Result<SamplingStages> sample(std::span<const float> logits, const SamplingOptions& options,
                              uint64_t step) {
  if (Status status = check_logits(logits); !status) return status.error();
  const bool greedy = options.temperature == 0;
  const size_t vocab = logits.size();

  SamplingStages stages;
  stages.logits.assign(logits.begin(), logits.end());
  stages.scaled = stages.logits;
  if (!greedy) {
    for (float& value : stages.scaled) {
      const bool was_finite = std::isfinite(value);
      value /= options.temperature;
      if (was_finite && !std::isfinite(value)) {
        return Error{ErrorCode::bad_option,
                     "temperature is so small that the scaled logits overflow; use 0 for greedy"};
      }
    }
  }
  const std::vector<double> p = softmax(stages.scaled);
  stages.probabilities.assign(p.begin(), p.end());

  stages.order = descending(logits);

  stages.filtered.assign(vocab, 0);
  if (greedy) {
    stages.after_top_k = stages.after_top_p = 1;
    stages.token = stages.order[0];
    stages.filtered[static_cast<size_t>(stages.token)] = 1;
    return stages;
  }

  const int all = static_cast<int>(vocab);
  stages.after_top_k = options.top_k > 0 ? std::min(options.top_k, all) : all;
  stages.after_top_p = count_top_p(p, stages.order, stages.after_top_k, options.top_p);

  const auto survivors = std::span(stages.order).first(static_cast<size_t>(stages.after_top_p));
  double kept = 0;
  for (const int32_t id : survivors) kept += p[static_cast<size_t>(id)];
  stages.draw = uniform_draw(options.seed, step);
  double cumulative = 0;
  stages.token = survivors.front();
  bool chosen = false;
  for (const int32_t id : survivors) {
    const double share = p[static_cast<size_t>(id)] / kept;
    stages.filtered[static_cast<size_t>(id)] = static_cast<float>(share);
    cumulative += share;
    // The last token with a share takes what rounding leaves between the sum and 1.
    if (!chosen && share > 0) stages.token = id;
    if (cumulative > stages.draw) chosen = true;
  }
  return stages;
}

double uniform_draw(uint64_t seed, uint64_t step) {
  uint64_t z = seed + (step + 1) * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  z ^= z >> 31;
  return static_cast<double>(z >> 11) * 0x1.0p-53;
}

}  // namespace glassformer
