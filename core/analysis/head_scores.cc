#include "core/analysis/head_scores.h"

#include <algorithm>
#include <limits>
#include <unordered_set>

#include "core/analysis/own_run.h"
#include "core/sampler.h"

namespace glassformer {
namespace {

// Sums of attention weights and how many there were.
struct Mean {
  double sum = 0;
  int count = 0;
  float value() const {
    return count ? static_cast<float>(sum / count) : std::numeric_limits<float>::quiet_NaN();
  }
};

// Scores of one head's pattern [T,T].
struct PatternScores {
  Mean previous, duplicate, induction;

  PatternScores(const std::vector<int32_t>& tokens, const float* pattern) {
    const size_t T = tokens.size();
    for (size_t t = 1; t < T; ++t) {
      const float* row = pattern + t * T;
      previous.sum += row[t - 1];
      ++previous.count;
      bool repeats = false;
      for (size_t s = 0; s < t; ++s) {
        if (tokens[s] != tokens[t]) continue;
        repeats = true;
        duplicate.sum += row[s];
        if (s + 1 < t) induction.sum += row[s + 1];
      }
      duplicate.count += repeats;
      induction.count += repeats;
    }
  }
};

Result<OwnRun> begin_pattern_run(const Model& model, const std::vector<int32_t>& tokens,
                                 const std::vector<Edit>& edits) {
  return begin_run(model, tokens,
                   {.names = {"*hook_pattern"}, .edits = edits, .logits = LogitRows::none});
}

}  // namespace

Work<HeadScores> head_scores(const Model& model, std::vector<int32_t> tokens,
                             std::vector<Edit> edits) {
  Result<OwnRun> run = begin_pattern_run(model, tokens, edits);
  if (!run) co_return run.error();
  while (run->step()) co_yield {run->pass.stages_done(), run->pass.stages()};

  HeadScores scores;
  const size_t area = tokens.size() * tokens.size();
  for (int i = 0; i < model.config.n_layer; ++i) {
    const float* pattern = run->get(Hook::pattern, i).data;
    for (int h = 0; h < model.config.n_head; ++h, pattern += area) {
      const PatternScores of_head(tokens, pattern);
      scores.previous.push_back(of_head.previous.value());
      scores.duplicate.push_back(of_head.duplicate.value());
      scores.induction.push_back(of_head.induction.value());
      scores.repeated_positions = of_head.duplicate.count;
    }
  }
  co_return scores;
}

std::vector<int32_t> repeated_random_tokens(const Config& config, int length, uint64_t seed) {
  const int most = std::min({length, config.vocab_size, config.n_positions / 2});
  std::vector<int32_t> tokens;
  std::unordered_set<int32_t> known;
  for (uint64_t draw = 0; std::ssize(tokens) < most; ++draw) {
    auto id = static_cast<int32_t>(uniform_draw(seed, draw) * config.vocab_size);
    // Near the end of a small vocabulary, most draws are known.
    while (!known.insert(id).second) id = (id + 1) % config.vocab_size;
    tokens.push_back(id);
  }
  tokens.reserve(tokens.size() * 2);
  tokens.insert(tokens.end(), tokens.begin(), tokens.begin() + most);
  return tokens;
}

Work<std::vector<float>> attention_rollout(const Model& model, std::vector<int32_t> tokens,
                                           std::vector<Edit> edits) {
  Result<OwnRun> run = begin_pattern_run(model, tokens, edits);
  if (!run) co_return run.error();
  const int total = run->pass.stages() + model.config.n_layer;
  while (run->step()) co_yield {run->pass.stages_done(), total};

  const size_t T = tokens.size();
  const int H = model.config.n_head;
  std::vector<double> before(T * T), after(T * T);
  for (size_t t = 0; t < T; ++t) before[t * T + t] = 1;
  std::vector<float> rollout;
  for (int i = 0; i < model.config.n_layer; ++i) {
    const float* pattern = run->get(Hook::pattern, i).data;
    std::fill(after.begin(), after.end(), 0.0);
    for (size_t t = 0; t < T; ++t) {
      for (size_t s = 0; s <= t; ++s) {
        double weight = t == s ? 0.5 : 0;
        for (size_t h = 0; h < static_cast<size_t>(H); ++h) {
          weight += 0.5 / H * double{pattern[(h * T + t) * T + s]};
        }
        for (size_t u = 0; u <= s; ++u) after[t * T + u] += weight * before[s * T + u];
      }
    }
    rollout.insert(rollout.end(), after.begin(), after.end());
    before.swap(after);
    co_yield {run->pass.stages() + i + 1, total};
  }
  co_return rollout;
}

}  // namespace glassformer
