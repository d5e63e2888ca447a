#include "tools/cli/threads_option.h"

#include <algorithm>
#include <cstdio>
#include <thread>

#include "core/threads.h"

namespace glassformer::cli {

Status use_threads(const Arguments& arguments) {
  constexpr int64_t kUseful = 8;  // beyond, memory is what all of them wait for
  const int64_t cores = std::max(1u, std::thread::hardware_concurrency());
  const Result<int64_t> wanted =
      arguments.whole_number(kThreadsOption.name, std::min(cores, kUseful), 1, 1024);
  if (!wanted) return wanted.error();
#ifdef __EMSCRIPTEN__
  if (*wanted > 1) {
    std::fputs("glassformer: --threads: in WebAssembly this program has one thread\n", stderr);
  }
#else
  set_thread_count(static_cast<int>(std::min(*wanted, cores)));
#endif
  return {};
}

}  // namespace glassformer::cli
