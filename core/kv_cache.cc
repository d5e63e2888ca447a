#include "core/kv_cache.h"

#include <algorithm>

#include "core/grouped_number.h"

namespace glassformer {

Result<KvCache> KvCache::create(const Config& config, int capacity) {
  KvCache cache;
  cache.capacity_ = capacity > 0 ? std::min(capacity, config.n_positions) : config.n_positions;
  cache.width_ = config.n_embd;
  const uint64_t floats = 2 * static_cast<uint64_t>(config.n_layer) *
                          static_cast<uint64_t>(cache.capacity_) *
                          static_cast<uint64_t>(cache.width_);
  cache.memory_ = FloatBuffer::allocate(floats);
  if (!cache.memory_) {
    return Error{ErrorCode::out_of_memory,
                 "the keys and values of " + std::to_string(cache.capacity_) + " positions need " +
                     grouped(floats * sizeof(float)) + " bytes, which could not be allocated"};
  }
  return cache;
}

void KvCache::truncate(int length) {
  assert(length >= 0 && length <= length_);
  length_ = length;
}

void KvCache::advance(int positions) {
  assert(positions >= 0 && positions <= capacity_ - length_);
  length_ += positions;
}

}  // namespace glassformer
