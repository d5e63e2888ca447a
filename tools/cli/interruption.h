// Signals that ask the program to end while a file is being written.
#pragma once

namespace glassformer::cli {

// From now on SIGHUP, SIGINT and SIGTERM do not end the program, but are noted.
void note_interruptions();

// Whether one of them has come since.
bool interrupted();

// Names what this run writes: no other run has it at the same time.
int process_id();

}  // namespace glassformer::cli
