// Views never own, owners never alias. TensorView is trivially copyable; FloatBuffer owns.
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>

namespace glassformer {

// A contiguous row-major tensor of up to three dimensions that somebody else owns. The last `rank`
// entries of a shape such as [T,H,D] are dims[0..rank). Element is float or const float.
template <class Element>
struct BasicTensorView {
  Element* data = nullptr;
  std::array<int64_t, 3> dims{};
  int rank = 0;

  int64_t size() const {
    int64_t n = 1;
    for (int i = 0; i < rank; ++i) n *= dims[i];
    return n;
  }
  // The last dimension, and everything before it folded into one.
  int64_t columns() const { return rank == 0 ? 1 : dims[rank - 1]; }
  int64_t rows() const { return columns() == 0 ? 0 : size() / columns(); }
  std::span<Element> row(int64_t r) const {
    assert(r >= 0 && r < rows());
    return {data + r * columns(), static_cast<size_t>(columns())};
  }
  std::span<Element> span() const { return {data, static_cast<size_t>(size())}; }

  operator BasicTensorView<const Element>() const { return {data, dims, rank}; }
};

using TensorView = BasicTensorView<float>;
using ConstTensorView = BasicTensorView<const float>;

template <class Element>
BasicTensorView<Element> view1(Element* data, int64_t a) {
  return {data, {a, 0, 0}, 1};
}
template <class Element>
BasicTensorView<Element> view2(Element* data, int64_t a, int64_t b) {
  return {data, {a, b, 0}, 2};
}
template <class Element>
BasicTensorView<Element> view3(Element* data, int64_t a, int64_t b, int64_t c) {
  return {data, {a, b, c}, 3};
}

// A cache line, in floats. Matrices that start at one are read a quarter faster, because no load
// lies across two.
inline constexpr uint64_t kLine = 16;
constexpr uint64_t whole_lines(uint64_t floats) { return (floats + kLine - 1) / kLine * kLine; }

// One uninitialised block of floats from the start of a cache line on: the arena of a model's
// weights or of a run's activations. Not operator new, which aborts where exceptions are off; an
// allocation that fails leaves the buffer empty, and the caller reports out_of_memory.
class FloatBuffer {
 public:
  FloatBuffer() = default;
  static FloatBuffer allocate(uint64_t count) {
    FloatBuffer buffer;
    if (count == 0 || count > SIZE_MAX / sizeof(float) - kLine) return buffer;
    buffer.data_.reset(static_cast<float*>(std::aligned_alloc(
        kLine * sizeof(float), static_cast<size_t>(whole_lines(count)) * sizeof(float))));
    if (buffer.data_) buffer.size_ = static_cast<size_t>(count);
    return buffer;
  }

  float* data() const { return data_.get(); }
  size_t size() const { return size_; }
  explicit operator bool() const { return data_ != nullptr; }

 private:
  struct Free {
    void operator()(float* p) const { std::free(p); }
  };
  std::unique_ptr<float[], Free> data_;
  size_t size_ = 0;
};

}  // namespace glassformer
