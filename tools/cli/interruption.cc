#include "tools/cli/interruption.h"

#include <unistd.h>

#include <csignal>
#include <initializer_list>

namespace glassformer::cli {

#ifdef __EMSCRIPTEN__

// Emscripten's signal() hears of no real signal, and its getpid() is always 42: node_library.js
// asks Node.
extern "C" {
void glassformer_note_interruptions();
int glassformer_interrupted();
int glassformer_process_id();
}

void note_interruptions() { glassformer_note_interruptions(); }
bool interrupted() { return glassformer_interrupted() != 0; }
int process_id() { return glassformer_process_id(); }

#else

namespace {

volatile std::sig_atomic_t came = 0;

}  // namespace

void note_interruptions() {
  for (const int signal : {SIGHUP, SIGINT, SIGTERM}) {
    // What was ignored before (nohup) stays so.
    if (std::signal(signal, [](int) { came = 1; }) == SIG_IGN) std::signal(signal, SIG_IGN);
  }
  // A file size limit is reported by fwrite() like a full disk.
  std::signal(SIGXFSZ, SIG_IGN);
}

bool interrupted() { return came != 0; }

int process_id() { return getpid(); }

#endif

}  // namespace glassformer::cli
