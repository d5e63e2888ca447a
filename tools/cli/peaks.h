// What this machine can do at best, on one core, with the instructions that core/ is compiled to.
#pragma once

namespace glassformer::cli {

// Floating-point operations in a second, of multiply_add on numbers in registers: two for each
// lane.
double measure_multiply_add();

// Bytes in a second, read from end to end of a block far larger than any cache. 0 without memory.
double measure_streaming_read();

}  // namespace glassformer::cli
