// The border between core and JavaScript, a file for each thing that crosses it. No logic: every
// function converts its arguments, calls core once, and converts what comes back. Text crosses as
// UTF-8 bytes, because a JavaScript string can hold what UTF-8 cannot.
//
// Here: what belongs to the module itself.
#include <emscripten/bind.h>
#include <emscripten/emscripten.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "bindings/embind/support.h"
#include "core/kernels.h"
#include "core/threads.h"
#include "core/trace.h"

namespace glassformer {
namespace {

using emscripten::val;

val activations() {
  auto rows = val::array();
  for (const ActivationRow& row : activation_table()) {
    auto js = val::object();
    js.set("name", std::string(row.name));
    js.set("shape", std::string(row.shape));
    js.set("perBlock", row.per_block);
    js.set("onRequest", row.on_request);
    js.set("meaning", std::string(row.meaning));
    rows.call<void>("push", js);
  }
  return rows;
}

std::string full_name(const std::string& name, int layers) {
  return full_activation_name(name, layers);
}

// The stack of a thread that the package starts: its upper end, from which it grows downwards. It
// lives as long as the module's memory.
double make_thread_stack(uint32_t bytes) {
  void* stack = std::aligned_alloc(64, bytes);
  return stack ? static_cast<double>(reinterpret_cast<uintptr_t>(stack) + bytes) : 0;
}

}  // namespace

#ifdef GLASSFORMER_THREADS
// What such a thread calls, once.
extern "C" EMSCRIPTEN_KEEPALIVE void glassformer_serve() { serve_parts(); }
#endif

EMSCRIPTEN_BINDINGS(glassformer_module) {
  emscripten::function("usesRelaxedSimd", &uses_relaxed_simd);
  emscripten::function("makeThreadStack", &make_thread_stack);
  emscripten::function("activations", &activations);
  emscripten::function("fullActivationName", &full_name);
}

}  // namespace glassformer
