#include "core/result.h"

namespace glassformer {

const char* error_code_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::bad_config:
      return "bad-config";
    case ErrorCode::bad_tokenizer:
      return "bad-tokenizer";
    case ErrorCode::bad_weights:
      return "bad-weights";
    case ErrorCode::bad_tokens:
      return "bad-tokens";
    case ErrorCode::context_overflow:
      return "context-overflow";
    case ErrorCode::bad_name:
      return "bad-name";
    case ErrorCode::bad_edit:
      return "bad-edit";
    case ErrorCode::bad_logits:
      return "bad-logits";
    case ErrorCode::bad_option:
      return "bad-option";
    case ErrorCode::out_of_memory:
      return "out-of-memory";
    case ErrorCode::io:
      return "io";
  }
  return "unknown";
}

}  // namespace glassformer
