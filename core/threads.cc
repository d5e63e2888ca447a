#include "core/threads.h"

#ifdef GLASSFORMER_THREADS
#include <atomic>
#ifndef __EMSCRIPTEN__
#include <thread>
#include <vector>
#endif
#endif

namespace glassformer {

#ifndef GLASSFORMER_THREADS

int thread_count() { return 1; }
void set_thread_count(int) {}
[[noreturn]] void serve_parts() { __builtin_trap(); }
void run_parts(int parts, void (*body)(void*, int), void* context) {
  for (int part = 0; part < parts; ++part) body(context, part);
}

#else

namespace {

// The work that is being split. A part is taken by counting down the low half of `ticket`, whose
// high half numbers the work: a thread that comes late can never take a part of the next.
struct Work {
  std::atomic<uint64_t> ticket{0};
  std::atomic<int> done{0};
  void (*body)(void*, int) = nullptr;
  void* context = nullptr;
};

Work work;
std::atomic<bool> busy{false};
std::atomic<int> helpers{0};  // threads that serve
std::atomic<int> sleepers{0};
std::atomic<uint32_t> news{0};  // changes when there is something to do: what sleepers wait for

// The pause between two products of a pass is shorter than falling asleep and waking up.
constexpr int kSpins = 4000;

void sleep_unless_changed(uint32_t seen) {
#ifdef __EMSCRIPTEN__
  __builtin_wasm_memory_atomic_wait32(reinterpret_cast<int*>(&news), static_cast<int>(seen), -1);
#else
  news.wait(seen);
#endif
}

void wake_all() {
  ++news;
  if (sleepers == 0) return;
#ifdef __EMSCRIPTEN__
  __builtin_wasm_memory_atomic_notify(reinterpret_cast<int*>(&news), UINT32_MAX);
#else
  news.notify_all();
#endif
}

bool is_part_left() { return static_cast<uint32_t>(work.ticket) != 0; }

bool do_part() {
  uint64_t ticket = work.ticket;
  do {
    if (static_cast<uint32_t>(ticket) == 0) return false;
  } while (!work.ticket.compare_exchange_weak(ticket, ticket - 1));
  // Until this part is done, body and context stay what they are.
  work.body(work.context, static_cast<int>(static_cast<uint32_t>(ticket)) - 1);
  ++work.done;
  return true;
}

template <class Stop>
void serve_until(Stop stop) {
  int idle = 0;
  while (!stop()) {
    if (do_part()) {
      idle = 0;
    } else if (++idle > kSpins) {
      const uint32_t seen = news;
      ++sleepers;
      if (!is_part_left() && !stop()) sleep_unless_changed(seen);
      --sleepers;
      idle = 0;
    }
  }
}

#ifndef __EMSCRIPTEN__
std::atomic<int> wanted{0};  // threads beyond so many end

// Ends its threads with the program.
struct Threads {
  std::vector<std::thread> threads;
  ~Threads() { resize(0); }
  void resize(int count) {
    wanted = count;
    wake_all();
    while (static_cast<int>(threads.size()) > count) {
      threads.back().join();
      threads.pop_back();
    }
    while (static_cast<int>(threads.size()) < count) {
      const int index = static_cast<int>(threads.size());
      threads.emplace_back([index] { serve_until([index] { return index >= wanted; }); });
    }
    helpers = count;
  }
};
#endif

}  // namespace

int thread_count() { return 1 + helpers; }

#ifdef __EMSCRIPTEN__
void set_thread_count(int) {}
[[noreturn]] void serve_parts() {
  ++helpers;
  serve_until([] { return false; });
  __builtin_unreachable();
}
#else
void set_thread_count(int count) {
  static Threads threads;
  threads.resize(std::max(1, count) - 1);
}
[[noreturn]] void serve_parts() { __builtin_trap(); }
#endif

void run_parts(int parts, void (*body)(void*, int), void* context) {
  if (parts <= 1 || helpers == 0 || busy.exchange(true)) {
    for (int part = 0; part < parts; ++part) body(context, part);
    return;
  }
  work.body = body;
  work.context = context;
  work.done = 0;
  const uint64_t number = (work.ticket >> 32) + 1;
  work.ticket = number << 32 | static_cast<uint32_t>(parts);
  wake_all();
  while (do_part()) {
  }
  // Those that others took are nearly done. A page's own thread is not allowed to sleep.
  while (work.done != parts) {
  }
  busy = false;
}

#endif

}  // namespace glassformer
