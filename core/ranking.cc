#include "core/ranking.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace glassformer {
namespace {

constexpr int kBits = 11, kPasses = 3;
constexpr uint32_t kBuckets = 1u << kBits;

constexpr uint32_t bucket(uint32_t key, uint32_t pass) {
  return (key >> (pass * kBits)) % kBuckets;
}

// An integer that is the smaller the larger the number is. NaN has no place.
uint32_t descending_key(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value + 0.0f);  // -0 becomes 0
  const bool negative = bits >> 31 != 0;
  return negative ? bits : ~bits & 0x7fffffffu;
}

}  // namespace

Ranking::Ranking(std::span<const float> logits) : keys_(logits.size()) {
  for (size_t i = 0; i < logits.size(); ++i) keys_[i] = descending_key(logits[i]);
}

std::span<const int32_t> Ranking::first(int count) {
  count = std::min(count, size());
  if (count > static_cast<int>(ids_.size())) {
    // Who asks for more goes on asking.
    constexpr int kFewest = 64, kGrowth = 8;
    const int wanted = std::max({count, kFewest, kGrowth * static_cast<int>(ids_.size())});
    wanted < size() / kGrowth ? pick(wanted) : sort_all();
  }
  return ids_;
}

int Ranking::rank(int32_t id) const {
  const auto place = static_cast<size_t>(id);
  const uint32_t key = keys_[place];
  int before = 0;
  for (size_t i = 0; i < keys_.size(); ++i) {
    before += keys_[i] < key || (keys_[i] == key && i < place);
  }
  return before;
}

// The ids whose key's highest bits are among the lowest that `count` ids have.
void Ranking::pick(int count) {
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

void Ranking::sort_all() {
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

}  // namespace glassformer
