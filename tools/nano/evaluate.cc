#include "tools/nano/evaluate.h"

#include <algorithm>

namespace glassformer::nano {
namespace {

// Whether each token behind the prompt's "=" is the most probable one after those before it. Then
// greedy decoding writes them, and one pass over the whole text tells.
Result<bool> is_continued(const Model& model, const std::vector<int32_t>& text, size_t prompt) {
  Result<KvCache> cache = KvCache::create(model.config);
  if (!cache) return cache.error();
  const std::span<const int32_t> read = std::span(text).first(text.size() - 1);
  const Result<ForwardPass> pass = run(model, *cache, read, {.logits = LogitRows::all});
  if (!pass) return pass.error();
  const ConstTensorView logits = pass->logits();
  for (size_t i = prompt; i < read.size(); ++i) {
    const std::span<const float> row = logits.row(static_cast<int64_t>(i));
    const auto best = std::max_element(row.begin(), row.end()) - row.begin();
    if (best != text[i + 1]) return false;
  }
  return true;
}

}  // namespace

Result<int> count_sorted(const Model& model, const Sorting& task, int length, int kinds, int count,
                         uint64_t seed) {
  Random random(seed);
  int sorted = 0;
  for (int i = 0; i < count; ++i) {
    std::vector<int32_t> prompt;
    do {
      prompt = task.draw(random, length, kinds);
    } while (!Sorting::is_held_out(prompt));
    const Result<bool> continued = is_continued(model, task.text(prompt), prompt.size());
    if (!continued) return continued.error();
    sorted += *continued ? 1 : 0;
  }
  return sorted;
}

}  // namespace glassformer::nano
