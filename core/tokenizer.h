// Text <-> token ids: GPT-2's byte-level byte-pair encoding (Sennrich et al. 2016; Radford et al.
// 2019, section 2.2), from vocab.json + merges.txt or from tokenizer.json.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace glassformer {

class Tokenizer {
 public:
  // These two files do not say which tokens are special: it is those of the form <|...|> that no
  // merge makes.
  static Result<Tokenizer> from_vocab_and_merges(std::string_view vocab_json,
                                                 std::string_view merges_txt);
  // Hugging Face "fast" format; refuses, by name, any model, normalizer or pre-tokenizer that is
  // not GPT-2's byte-level BPE.
  static Result<Tokenizer> from_tokenizer_json(std::string_view json);

  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;
  ~Tokenizer();

  // The ids of a text. The text is bytes, meant as UTF-8; bytes that are not valid UTF-8 are
  // encoded as themselves, so that decode(encode(bytes)) == bytes for every input (a tokenizer.json
  // with add_prefix_space, which GPT-2's own has not, adds the space it asks for). Where
  // special_tokens is true, each occurrence of a special token's text ("<|endoftext|>") becomes
  // that one token; otherwise it is ordinary text. Near-linear in the length of the text.
  //
  // bad_tokens, naming the first such character, where the text has a byte that the vocabulary has
  // no token for. GPT-2's has all 256; a small one of few letters need not.
  Result<std::vector<int32_t>> encode(std::string_view text, bool special_tokens = false) const;

  // The exact bytes that the ids stand for; one token can be part of a character. Ids outside the
  // vocabulary are an error (bad_tokens) that names the id and its place.
  Result<std::string> decode(std::span<const int32_t> ids) const;

  // The bytes of one token; empty for an id that is not in the vocabulary.
  std::string_view bytes_of(int32_t id) const;

  // One more than the largest id.
  int vocab_size() const;
  // The id of a special token, or -1: special_id("<|endoftext|>").
  int32_t special_id(std::string_view text) const;

 private:
  struct State;
  explicit Tokenizer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace glassformer
