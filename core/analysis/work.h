// Long computations that can be watched and abandoned: a coroutine that pauses wherever a caller
// may want to look at the clock.
#pragma once

#include <coroutine>
#include <cstdlib>
#include <optional>
#include <utility>

#include "core/result.h"

namespace glassformer {

struct Progress {
  int done = 0;
  int total = 1;
};

// What `co_yield Progress{...}` pauses and `co_return` a T or an Error ends. Nothing runs before
// the first step. What the coroutine's parameters refer to must outlive it; to abandon it, destroy
// it.
template <class T>
class [[nodiscard]] Work {
 public:
  struct promise_type {
    Progress progress;
    std::optional<Result<T>> result;

    Work get_return_object() { return Work(Handle::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(Progress now) noexcept {
      progress = now;
      return {};
    }
    void return_value(Result<T> value) { result.emplace(std::move(value)); }
    void unhandled_exception() { std::abort(); }
  };

  Work(Work&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Work& operator=(Work&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Work() {
    if (handle_) handle_.destroy();
  }

  // Runs up to the next pause; true while more remains.
  bool step() {
    if (!handle_.done()) handle_.resume();
    return !handle_.done();
  }
  Progress progress() const { return handle_.promise().progress; }
  // After the last step; once.
  Result<T> result() { return *std::move(handle_.promise().result); }
  // All of it at once.
  Result<T> finish() {
    while (step()) {
    }
    return result();
  }

 private:
  using Handle = std::coroutine_handle<promise_type>;
  explicit Work(Handle handle) : handle_(handle) {}
  Handle handle_;
};

}  // namespace glassformer
