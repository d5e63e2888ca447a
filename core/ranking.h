// Token ids by their logits.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace glassformer {

// The ids in descending order of their logits, none of which is NaN, equals by id, as far as
// somebody asks. The few at the top are picked out; all of them are sorted by radix, because
// sorting a whole vocabulary by comparison takes longer than computing the logits from 8-bit
// weights.
class Ranking {
 public:
  explicit Ranking(std::span<const float> logits);

  int size() const { return static_cast<int>(keys_.size()); }

  // At least the first `count` ids, and at most all.
  std::span<const int32_t> first(int count);
  // How many ids come before this one.
  int rank(int32_t id) const;

 private:
  void pick(int count);
  void sort_all();

  std::vector<uint32_t> keys_;
  std::vector<int32_t> ids_;
};

}  // namespace glassformer
