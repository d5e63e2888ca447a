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

// The ids in descending order of their logits, equals by id, as far as somebody asks. The few at
// the top are picked out; all of them are sorted by radix, because sorting a whole vocabulary by
// comparison takes longer than computing the logits from 8-bit weights.
class Ranking {
 public:
  explicit Ranking(std::span<const float> logits) : keys_(logits.size()) {
    for (size_t i = 0; i < logits.size(); ++i) keys_[i] = descending_key(logits[i]);
  }

  int size() const { return static_cast<int>(keys_.size()); }

  // At least the first `count` ids, and at most all.
  std::span<const int32_t> first(int count) {
    count = std::min(count, size());
    if (count > static_cast<int>(ids_.size())) {
      // Who asks for more goes on asking.
      constexpr int kFewest = 64, kGrowth = 8;
      const int wanted = std::max({count, kFewest, kGrowth * static_cast<int>(ids_.size())});
      wanted < size() / kGrowth ? pick(wanted) : sort_all();
    }
    return ids_;
  }

 private:
  static constexpr int kBits = 11, kPasses = 3;
  static constexpr uint32_t kBuckets = 1u << kBits;
  static constexpr uint32_t bucket(uint32_t key, uint32_t pass) {
    return (key >> (pass * kBits)) % kBuckets;
  }

  // The ids whose key's highest bits are among the lowest that `count` ids have.
  void pick(int count) {
    std::vector<int> sizes(kBuckets);
    for (const uint32_t key : keys_) ++sizes[bucket(key, kPasses - 1)];
    uint32_t end = 0;
    for (int found = 0; found < count; ++end) found += sizes[end];
    ids_.clear();
    for (size_t i = 0; i < keys_.size(); ++i) {
      if (bucket(keys_[i], kPasses - 1) < end) ids_.push_back(static_cast<int32_t>(i));
    }
    std::sort(ids_.begin(), ids_.end(), [this](int32_t a, int32_t b) {
      const uint32_t key_a = keys_[static_cast<size_t>(a)], key_b = keys_[static_cast<size_t>(b)];
      return key_a != key_b ? key_a < key_b : a < b;
    });
  }

  void sort_all() {
    std::vector<uint32_t> begin(kPasses * kBuckets);
    for (const uint32_t key : keys_) {
      for (uint32_t pass = 0; pass < kPasses; ++pass) ++begin[pass * kBuckets + bucket(key, pass)];
    }
    std::vector<int32_t> sorted(keys_.size());
    ids_.resize(keys_.size());
    std::iota(ids_.begin(), ids_.end(), 0);
    for (uint32_t pass = 0; pass < kPasses; ++pass) {
      uint32_t* next = begin.data() + pass * kBuckets;
      std::exclusive_scan(next, next + kBuckets, next, 0u);
      for (const int32_t id : ids_) {
        sorted[next[bucket(keys_[static_cast<size_t>(id)], pass)]++] = id;
      }
      ids_.swap(sorted);
    }
  }

  std::vector<uint32_t> keys_;
  std::vector<int32_t> ids_;
};

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

// Which tokens survive, and which one is drawn.
struct Choice {
  int after_top_k = 1;
  int after_top_p = 1;
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
  choice.kept = sum_of_first(p, ranking, choice.after_top_p);
  choice.draw = uniform_draw(options.seed, step);
  double cumulative = 0;
  for (int i = 0; i < choice.after_top_p && !(cumulative > choice.draw); ++i) {
    const double share = probability_at(p, ranking, i) / choice.kept;
    cumulative += share;
    // The last token with a share takes what rounding leaves between the sum and 1.
    if (share > 0) choice.token = ranking.first(i + 1)[static_cast<size_t>(i)];
  }
  return choice;
}

// Logits / temperature; the logits themselves where greedy.
Result<std::vector<float>> scale(std::span<const float> logits, float temperature) {
  std::vector<float> scaled(logits.begin(), logits.end());
  if (temperature == 0) return scaled;
  for (float& value : scaled) {
    const bool was_finite = std::isfinite(value);
    value /= temperature;
    if (was_finite && !std::isfinite(value)) {
      return Error{ErrorCode::bad_option,
                   "temperature is so small that the scaled logits overflow; use 0 for greedy"};
    }
  }
  return scaled;
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
  Result<std::vector<float>> scaled = scale(logits, options.temperature);
  if (!scaled) return scaled.error();
  const std::vector<double> p = softmax(*scaled);
  Ranking ranking(logits);
  const std::span<const int32_t> order = ranking.first(ranking.size());
  const Choice choice = choose(p, ranking, options, step);

  SamplingStages stages;
  stages.logits.assign(logits.begin(), logits.end());
  stages.scaled = *std::move(scaled);
  stages.probabilities.assign(p.begin(), p.end());
  stages.order.assign(order.begin(), order.end());
  stages.after_top_k = choice.after_top_k;
  stages.after_top_p = choice.after_top_p;
  stages.draw = choice.draw;
  stages.token = choice.token;
  stages.filtered.assign(logits.size(), 0);
  for (const int32_t id : order.first(static_cast<size_t>(choice.after_top_p))) {
    const auto i = static_cast<size_t>(id);
    stages.filtered[i] = options.temperature == 0 ? 1.0f : static_cast<float>(p[i] / choice.kept);
  }
  return stages;
}

Result<NextToken> sample_next(std::span<const float> logits, const SamplingOptions& options,
                              uint64_t step, int candidates) {
  if (Status status = check_logits(logits); !status) return status.error();
  const Result<std::vector<float>> scaled = scale(logits, options.temperature);
  if (!scaled) return scaled.error();
  const std::vector<double> p = softmax(*scaled);
  Ranking ranking(logits);
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
    next.candidates.push_back(candidate(order[static_cast<size_t>(i)], i < choice.after_top_p));
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
