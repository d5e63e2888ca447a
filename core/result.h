// Errors as values. Everything that reads what a person or a file supplied returns a Result;
// nothing in core throws, prints or aborts. Inner functions, whose callers have validated, assert
// instead.
#pragma once

#include <cassert>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace glassformer {

// The stable codes that the JavaScript package exposes as GlassformerError.code.
enum class ErrorCode {
  bad_config,     // config.json is not a GPT-2 configuration that we can run
  bad_tokenizer,  // vocab.json, merges.txt or tokenizer.json is damaged, or does not fit the model
  bad_weights,    // model.safetensors is damaged, or does not fit config.json
  bad_tokens,     // a token id outside the vocabulary, or no token at all
  context_overflow,  // more tokens than the model has positions for
  bad_name,          // an activation name or pattern that matches nothing
  bad_edit,          // an edit that cannot be applied
  bad_logits,        // logits that are not numbers: nothing can be sampled from them
  bad_option,        // a sampling or run option outside its range
  out_of_memory,     // a buffer could not be allocated
  io,                // a file could not be read or written
};

// The code as JavaScript and the command line spell it: "bad-config", "context-overflow", ...
const char* error_code_name(ErrorCode code);

struct Error {
  ErrorCode code;
  std::string message;  // one sentence that names the offending thing; no trailing newline
};

// A value, or the Error that explains why there is none.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return assert(ok()), *std::get_if<0>(&state_); }
  const T& value() const& { return assert(ok()), *std::get_if<0>(&state_); }
  // By value, so that `for (x : *f())` does not walk through what has already gone.
  T value() && { return assert(ok()), std::move(*std::get_if<0>(&state_)); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T operator*() && { return std::move(*this).value(); }

  const Error& error() const { return assert(!ok()), *std::get_if<1>(&state_); }

 private:
  std::variant<T, Error> state_;
};

// Success, or the Error that explains the failure.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_; }
  explicit operator bool() const { return ok(); }
  const Error& error() const { return assert(error_), *error_; }

 private:
  std::optional<Error> error_;
};

}  // namespace glassformer
