// How numbers are written for people and for JSON. The module of the package has JavaScript write
// them (bindings/embind/number_text.cc), so this is a file of its own.
#pragma once

#include <string>

namespace glassformer {

// The fewest decimal digits that read back as the same number, as 0.1, 2 or 1e-07; NaN, Infinity
// and -Infinity where there are none.
std::string number_text(double number);
std::string number_text(float number);

}  // namespace glassformer
