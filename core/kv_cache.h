// What attention remembers of earlier positions, so that a new token costs one token's work.
#pragma once

#include <cstdint>

#include "core/config.h"
#include "core/result.h"
#include "core/tensor.h"

namespace glassformer {

// The keys and values of the positions computed so far, for every block: k and v are
// [capacity, C] each, a row a position, the heads side by side.
class KvCache {
 public:
  // capacity: the most positions it can hold; config.n_positions where it is 0 or more than that.
  static Result<KvCache> create(const Config& config, int capacity = 0);

  int length() const { return length_; }
  int capacity() const { return capacity_; }
  uint64_t bytes() const { return memory_.size() * sizeof(float); }

  // Forgets every position from `length` on; length() must not be less.
  void truncate(int length);
  // Counts `positions` more, whose rows have been written.
  void advance(int positions);

  TensorView k(int block) const { return matrix(2 * block); }
  TensorView v(int block) const { return matrix(2 * block + 1); }

 private:
  TensorView matrix(int index) const {
    return view2(memory_.data() + index * capacity_ * width_, capacity_, width_);
  }

  int length_ = 0;
  int capacity_ = 0;
  int64_t width_ = 0;
  FloatBuffer memory_;
};

}  // namespace glassformer
