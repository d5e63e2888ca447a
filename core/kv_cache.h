// What attention remembers of earlier positions, so that a new token costs one token's work.
#pragma once

#include <cstdint>

#include "core/config.h"
#include "core/result.h"
#include "core/tensor.h"

namespace glassformer {

// The keys and values of the positions computed so far, for every block: k and v are
// [H, capacity, D] each, so that a head reads its own positions from end to end.
class KvCache {
 public:
  // capacity: the most positions it can hold; config.n_positions where it is 0 or more than that.
  static Result<KvCache> create(const Config& config, int capacity = 0);

  // How many floats that is.
  static uint64_t size(const Config& config, int capacity);

  int length() const { return length_; }
  int capacity() const { return capacity_; }
  uint64_t bytes() const { return memory_.size() * sizeof(float); }

  // Forgets every position from `length` on; length() must not be less.
  void truncate(int length);
  // Writes the keys and values [T,H,D] of T positions after length(), which stays as it is.
  void store(int block, ConstTensorView k, ConstTensorView v);
  // Counts `positions` more, whose keys and values have been stored for every block.
  void advance(int positions);
  // Takes over the positions of a cache of the same model, as many as there are; they must fit.
  void copy(const KvCache& other);

  ConstTensorView k(int block) const { return matrix(2 * block); }
  ConstTensorView v(int block) const { return matrix(2 * block + 1); }

 private:
  TensorView matrix(int index) const {
    return view3(memory_.data() + index * heads_ * capacity_ * width_, heads_, capacity_, width_);
  }
  void store(TensorView to, ConstTensorView rows) const;

  int length_ = 0;
  int capacity_ = 0;
  int64_t heads_ = 0;
  int64_t width_ = 0;  // of a head
  int matrices_ = 0;
  FloatBuffer memory_;
};

}  // namespace glassformer
