// JSON that is written piece by piece. A tree that is dumped, as nlohmann's, is one more library of
// containers and a printer of numbers, which everybody would download.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace glassformer {

// A whole JSON value. Other types become one where they are given as one.
struct JsonText {
  std::string text;

  static JsonText from(std::string json) {
    JsonText made = nullptr;
    made.text = std::move(json);
    return made;
  }
  JsonText(std::nullptr_t) : text("null") {}
  JsonText(std::string_view utf8);
  JsonText(const std::string& utf8) : JsonText(std::string_view(utf8)) {}
  JsonText(const char* utf8) : JsonText(std::string_view(utf8)) {}
  JsonText(std::integral auto number) : text(std::to_string(number)) {}
  // The fewest digits that give the number back. Those that JSON does not have are "NaN",
  // "Infinity" and "-Infinity".
  JsonText(double number);
};

// Items one after the other, in the form that `form` gives them.
template <class Items, class Form>
JsonText json_array(const Items& items, Form form) {
  std::string text = "[";
  for (const auto& item : items) {
    if (text.size() > 1) text += ',';
    text += JsonText(form(item)).text;
  }
  return JsonText::from(std::move(text += ']'));
}
template <class Items>
JsonText json_array(const Items& items) {
  return json_array(items, [](const auto& item) { return JsonText(item); });
}

// Members in the order in which they are added.
class JsonObject {
 public:
  JsonObject& add(std::string_view name, const JsonText& value);
  operator JsonText() const { return JsonText::from(text()); }
  std::string text() const { return members_ + '}'; }

 private:
  std::string members_ = "{";
};

}  // namespace glassformer
