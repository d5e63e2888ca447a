#include "core/json_writer.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace glassformer {
namespace {

std::string number_text(double number) {
  if (std::isnan(number)) return "\"NaN\"";
  if (std::isinf(number)) return number > 0 ? "\"Infinity\"" : "\"-Infinity\"";
  char digits[32];
  // 15 digits are always right, 17 always enough.
  for (int precision = 15; precision <= 17; ++precision) {
    std::snprintf(digits, sizeof digits, "%.*g", precision, number);
    if (std::strtod(digits, nullptr) == number) break;
  }
  std::string text = digits;
  // A fraction stays one for readers that tell it from a whole number; -0 keeps its sign.
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

}  // namespace

JsonText::JsonText(std::string_view utf8) : text("\"") {
  for (const char c : utf8) {
    if (c == '"' || c == '\\') {
      text += '\\';
      text += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      constexpr char kDigits[] = "0123456789abcdef";
      text += c < 16 ? "\\u000" : "\\u001";
      text += kDigits[c & 15];
    } else {
      text += c;
    }
  }
  text += '"';
}

JsonText::JsonText(double number) : text(number_text(number)) {}

JsonObject& JsonObject::add(std::string_view name, const JsonText& value) {
  if (members_.size() > 1) members_ += ',';
  members_ += JsonText(name).text + ':' + value.text;
  return *this;
}

}  // namespace glassformer
