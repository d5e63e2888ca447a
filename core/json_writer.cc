#include "core/json_writer.h"

#include <cmath>

#include "core/number_text.h"

namespace glassformer {
namespace {

std::string json_number(double number) {
  std::string text = number_text(number);
  if (!std::isfinite(number)) return '"' + text + '"';
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

JsonText::JsonText(double number) : text(json_number(number)) {}

JsonObject& JsonObject::add(std::string_view name, const JsonText& value) {
  if (members_.size() > 1) members_ += ',';
  members_ += JsonText(name).text + ':' + value.text;
  return *this;
}

}  // namespace glassformer
