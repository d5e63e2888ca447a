// Numbers become text, and text numbers, by JavaScript's own conversions. They are exact, as C's
// are, and already there: C's bring arithmetic of 128 bits, which everybody would download.
#include "core/number_text.h"

#include <emscripten/em_js.h>

#include <cstdarg>
#include <cstring>

// Negative zero has no sign in JavaScript's text, and all its numbers are doubles.
EM_JS(int, glassformer_print_number, (char* text, double number, int is_float), {
  let shortest = number;
  for (let count = 8; is_float && count >= 6; --count) {
    const shorter = Number(number.toPrecision(count));
    if (Math.fround(shorter) == number) shortest = shorter;
  }
  const digits = Object.is(shortest, -0) ? '-0' : String(shortest);
  for (let i = 0; i < digits.length; ++i) HEAPU8[(text >>> 0) + i] = digits.charCodeAt(i);
  return digits.length;
});

EM_JS(double, glassformer_parse_number, (const char* text, int length), {
  const start = text >>> 0;
  return Number(String.fromCharCode.apply(null, HEAPU8.subarray(start, start + length)));
});

namespace glassformer {

namespace {

std::string printed(double number, bool is_float) {
  char text[32];  // the longest is -1.2345678901234567e-300
  return {text, static_cast<size_t>(glassformer_print_number(text, number, is_float))};
}

}  // namespace

// Instead of core's, which a program that has its own does not link.
std::string number_text(double number) { return printed(number, false); }
std::string number_text(float number) { return printed(number, true); }

}  // namespace glassformer

// The linker gives this to those that call strtod (--wrap): nlohmann's lexer, for a number that it
// has checked, to the end of the text.
extern "C" double __wrap_strtod(const char* text, char** end) {
  const size_t length = std::strlen(text);
  if (end) *end = const_cast<char*>(text) + length;
  return glassformer_parse_number(text, static_cast<int>(length));
}

// And this to those that call snprintf: the same lexer, for a control character, which it shows as
// <U+0007>. With the whole of snprintf would come the printing of numbers.
extern "C" int __wrap_snprintf(char* text, size_t size, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int character = va_arg(arguments, int);
  va_end(arguments);
  constexpr char kDigits[] = "0123456789ABCDEF";
  const char shown[] = {
      '<', 'U', '+', '0', '0', kDigits[character >> 4 & 15], kDigits[character & 15], '>', '\0'};
  std::memcpy(text, shown, size < sizeof shown ? size : sizeof shown);
  return sizeof shown - 1;
}
