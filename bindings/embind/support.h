// How values and errors of core cross into JavaScript: always as data, never as an exception.
#pragma once

#include <emscripten/val.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/tensor.h"

namespace glassformer {

// An outcome is {value} or {error: {code, message}}.
inline emscripten::val success(emscripten::val value = emscripten::val::undefined()) {
  auto outcome = emscripten::val::object();
  outcome.set("value", std::move(value));
  return outcome;
}

inline emscripten::val failure(const Error& error) {
  auto fields = emscripten::val::object();
  fields.set("code", std::string(error_code_name(error.code)));
  fields.set("message", error.message);
  auto outcome = emscripten::val::object();
  outcome.set("error", std::move(fields));
  return outcome;
}

// An object of a class that is bound with a shared_ptr (a val copies what it is made of);
// JavaScript owns it and calls delete().
template <class T>
emscripten::val owned(T object) {
  return emscripten::val(std::make_shared<T>(std::move(object)));
}

// A typed array over memory of the module: valid until it is freed or the memory grows, as it may
// with any allocation, so that it is made last and copied at once.
template <class Element>
emscripten::val heap_view(std::span<const Element> values) {
  return emscripten::val(emscripten::typed_memory_view(values.size(), values.data()));
}

inline emscripten::val heap_bytes(std::string_view bytes) {
  return heap_view(std::span(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

// The bytes of a Uint8Array. As an argument of type std::string they would be copied one by one.
inline std::string bytes_from_js(const emscripten::val& js) {
  std::string bytes(js["length"].as<size_t>(), '\0');
  heap_bytes(bytes).call<void>("set", js);
  return bytes;
}

inline emscripten::val dims_to_js(std::span<const int64_t> dims) {
  auto js = emscripten::val::array();
  // Numbers, where an int64_t would become a bigint.
  for (size_t i = 0; i < dims.size(); ++i) js.set(i, static_cast<double>(dims[i]));
  return js;
}

// The data is a view: see heap_view.
inline emscripten::val tensor_to_js(const std::string& name, ConstTensorView tensor) {
  auto js = emscripten::val::object();
  js.set("name", name);
  js.set("dims", dims_to_js(std::span(tensor.dims).first(static_cast<size_t>(tensor.rank))));
  js.set("data", heap_view<float>(tensor.span()));
  return js;
}

inline std::vector<int32_t> ids_from_js(const emscripten::val& ids) {
  return emscripten::convertJSArrayToNumberVector<int32_t>(ids);
}

}  // namespace glassformer
