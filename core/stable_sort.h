// Sorting of what is sorted seldom, compiled once: std::stable_sort is a kilobyte and more for each
// type and order, which everybody would download.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace glassformer {

// The places 0 to count - 1 as `before` orders them; those that it holds equal stay in order.
std::vector<int32_t> stable_order(size_t count, const std::function<bool(size_t, size_t)>& before);

template <class T, class Before>
void stable_sort(std::vector<T>& items, Before before) {
  std::vector<T> sorted;
  sorted.reserve(items.size());
  const auto in_order = [&](size_t a, size_t b) { return before(items[a], items[b]); };
  for (const int32_t place : stable_order(items.size(), in_order)) {
    sorted.push_back(std::move(items[static_cast<size_t>(place)]));
  }
  items = std::move(sorted);
}

}  // namespace glassformer
