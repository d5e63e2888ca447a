#include "core/stable_sort.h"

#include <algorithm>
#include <numeric>

namespace glassformer {

std::vector<int32_t> stable_order(size_t count, const std::function<bool(size_t, size_t)>& before) {
  std::vector<int32_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    return before(static_cast<size_t>(a), static_cast<size_t>(b));
  });
  return order;
}

}  // namespace glassformer
