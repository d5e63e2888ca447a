#include "core/number_text.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace glassformer {

namespace {

// So many decimal digits are always right, and two or three more always enough.
template <class Number>
std::string shortest(Number number, int digits, Number (*read)(const char*, char**)) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  char text[32];
  for (int precision = digits;; ++precision) {
    std::snprintf(text, sizeof text, "%.*g", precision, static_cast<double>(number));
    if (precision > digits + 2 || read(text, nullptr) == number) return text;
  }
}

}  // namespace

std::string number_text(double number) { return shortest(number, 15, std::strtod); }
std::string number_text(float number) { return shortest(number, 6, std::strtof); }

}  // namespace glassformer
