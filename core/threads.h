// Work split over the processor's cores. What is computed does not depend on how many there are.
#pragma once

#include <algorithm>
#include <cstdint>

namespace glassformer {

// How many threads compute, the one that asks included. 1 in builds without threads.
int thread_count();

// Starts or ends threads, so that `count` compute (at least 1). Native builds only: where the
// module runs as WebAssembly, its host starts workers that call serve_parts.
void set_thread_count(int count);

// Takes parts of the work of other threads for ever; for a thread that the host has started.
[[noreturn]] void serve_parts();

// Calls body(context, part) for each part from 0 to parts - 1, on all threads at once, and returns
// when all are done. While another thread has work split, the caller does its own alone.
void run_parts(int parts, void (*body)(void* context, int part), void* context);

// The same for a function object: body(part).
template <class Body>
void parallel_parts(int parts, Body body) {
  run_parts(
      parts, [](void* context, int part) { (*static_cast<Body*>(context))(part); }, &body);
}

// Calls body(begin, end) for ranges that together are 0 to count, none of which is smaller than
// `smallest` (unless count is). There are more ranges than threads, because cores differ in speed.
template <class Body>
void parallel_ranges(int64_t count, int64_t smallest, Body body) {
  constexpr int kPartsPerThread = 4;
  const int threads = thread_count();
  const int64_t parts = std::min<int64_t>(count / std::max<int64_t>(1, smallest),
                                          threads == 1 ? 1 : threads * kPartsPerThread);
  if (parts <= 1) return body(int64_t{0}, count);
  parallel_parts(static_cast<int>(parts),
                 [&](int part) { body(count * part / parts, count * (part + 1) / parts); });
}

}  // namespace glassformer
