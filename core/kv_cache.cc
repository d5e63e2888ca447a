#include "core/kv_cache.h"

#include <algorithm>

#include "core/grouped_number.h"

namespace glassformer {

uint64_t KvCache::size(const Config& config, int capacity) {
  return 2 * static_cast<uint64_t>(config.n_layer) * static_cast<uint64_t>(capacity) *
         static_cast<uint64_t>(config.n_embd);
}

Result<KvCache> KvCache::create(const Config& config, int capacity) {
  KvCache cache;
  cache.capacity_ = capacity > 0 ? std::min(capacity, config.n_positions) : config.n_positions;
  cache.heads_ = config.n_head;
  cache.width_ = config.head_width();
  cache.matrices_ = 2 * config.n_layer;
  const uint64_t floats = size(config, cache.capacity_);
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

void KvCache::store(int block, ConstTensorView k, ConstTensorView v) {
  store(matrix(2 * block), k);
  store(matrix(2 * block + 1), v);
}

void KvCache::store(TensorView to, ConstTensorView rows) const {
  assert(rows.dims[0] <= capacity_ - length_ && rows.dims[1] == heads_ && rows.dims[2] == width_);
  const float* from = rows.data;
  for (int64_t t = 0; t < rows.dims[0]; ++t) {
    for (int64_t h = 0; h < heads_; ++h, from += width_) {
      std::copy_n(from, width_, to.data + (h * capacity_ + length_ + t) * width_);
    }
  }
}

void KvCache::copy(const KvCache& other) {
  assert(other.length_ <= capacity_ && other.matrices_ == matrices_);
  for (int i = 0; i < matrices_; ++i) {
    for (int64_t h = 0; h < heads_; ++h) {
      std::copy_n(other.matrix(i).data + h * other.capacity_ * width_, other.length_ * width_,
                  matrix(i).data + h * capacity_ * width_);
    }
  }
  length_ = other.length_;
}

void KvCache::advance(int positions) {
  assert(positions >= 0 && positions <= capacity_ - length_);
  length_ += positions;
}

}  // namespace glassformer
