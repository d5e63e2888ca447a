// Text to tokens and back.
#include "core/tokenizer.h"

#include <emscripten/bind.h>

#include "bindings/embind/support.h"

namespace glassformer {
namespace {

using emscripten::val;

val tokenizer_outcome(Result<Tokenizer> tokenizer) {
  return tokenizer ? success(owned(*std::move(tokenizer))) : failure(tokenizer.error());
}

val tokenizer_from_vocab_and_merges(const val& vocab_json, const val& merges_txt) {
  return tokenizer_outcome(
      Tokenizer::from_vocab_and_merges(bytes_from_js(vocab_json), bytes_from_js(merges_txt)));
}

val tokenizer_from_json(const val& json) {
  return tokenizer_outcome(Tokenizer::from_tokenizer_json(bytes_from_js(json)));
}

// The views into temporaries below are copied before C++ gets to reuse the memory.
val encode(const Tokenizer& tokenizer, const std::string& text, bool special_tokens) {
  const auto ids = tokenizer.encode(text, special_tokens);
  return ids ? success(heap_view<int32_t>(*ids).call<val>("slice")) : failure(ids.error());
}

val decode(const Tokenizer& tokenizer, const val& ids) {
  const auto text = tokenizer.decode(ids_from_js(ids));
  return text ? success(heap_bytes(*text).call<val>("slice")) : failure(text.error());
}

val bytes_of(const Tokenizer& tokenizer, int32_t id) {
  return heap_bytes(tokenizer.bytes_of(id)).call<val>("slice");
}

int32_t special_id(const Tokenizer& tokenizer, const std::string& text) {
  return tokenizer.special_id(text);
}

}  // namespace

EMSCRIPTEN_BINDINGS(glassformer_tokenizer) {
  emscripten::function("tokenizerFromVocabAndMerges", &tokenizer_from_vocab_and_merges);
  emscripten::function("tokenizerFromJson", &tokenizer_from_json);
  emscripten::class_<Tokenizer>("Tokenizer")
      .smart_ptr<std::shared_ptr<Tokenizer>>("TokenizerPointer")
      .property("vocabSize", &Tokenizer::vocab_size)
      .function("encode", &encode)
      .function("decode", &decode)
      .function("bytesOf", &bytes_of)
      .function("specialId", &special_id);
}

}  // namespace glassformer
