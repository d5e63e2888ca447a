#include "core/tokenizer.h"

#include <unordered_map>
#include <utility>

#include "core/added_tokens.h"
#include "core/bpe.h"
#include "core/grouped_number.h"
#include "core/pretokenizer.h"
#include "core/quote.h"
#include "core/tokenizer_files.h"
#include "core/utf8.h"

namespace glassformer {
namespace {

// Enough for the words of ordinary text; bounds the memory that a text of nothing but different
// words takes.
constexpr size_t kMaxCachedWords = 1 << 16;

// The tokens that are found when special ones are not asked for.
std::vector<AddedToken> ordinary_tokens(const std::vector<AddedToken>& tokens) {
  std::vector<AddedToken> ordinary;
  for (const AddedToken& token : tokens) {
    if (!token.special) ordinary.push_back(token);
  }
  return ordinary;
}

// The character that text[at] is a byte of, or that byte alone where it is not valid UTF-8. Words
// end between characters, so a word has all of its own.
std::string_view character_around(std::string_view text, size_t at) {
  for (size_t begin = 0; begin <= at;) {
    const auto length = static_cast<size_t>(utf8_character_at(text, begin).length);
    if (begin + length > at) return text.substr(begin, length);
    begin += length;
  }
  return text.substr(at, 1);
}

// Encodes pieces of one text, from left to right.
class Encoder {
 public:
  explicit Encoder(const TokenizerDefinition& definition)
      : definition_(definition), merger_(definition.merges) {}

  // Text without added tokens; nothing more once a byte without a token has been met.
  void encode_piece(std::string_view piece) {
    if (piece.empty()) return;
    if (definition_.add_prefix_space && piece[0] != ' ') {
      std::string prefixed(1, ' ');
      prefixed += piece;
      encode_words(prefixed);
      cached_.clear();  // its keys point into `prefixed`
    } else {
      encode_words(piece);
    }
  }
  void add_token(int32_t id) { ids_.push_back(id); }

  Result<std::vector<int32_t>> take_ids() {
    if (unknown_.empty()) return std::move(ids_);
    return Error{ErrorCode::bad_tokens, quoted(unknown_) + " is not in the vocabulary of " +
                                            grouped(definition_.token_bytes.size()) + " tokens"};
  }

 private:
  // Where in ids_ a word has been encoded before.
  struct Place {
    size_t begin;
    size_t count;
  };

  void encode_words(std::string_view text) {
    while (!text.empty() && unknown_.empty()) {
      const std::string_view word = text.substr(0, word_length(text));
      encode_word(word);
      text.remove_prefix(word.size());
    }
  }

  void encode_word(std::string_view word) {
    if (const auto found = cached_.find(word); found != cached_.end()) {
      const Place place = found->second;
      for (size_t i = 0; i < place.count; ++i) {
        const int32_t id = ids_[place.begin + i];  // a copy: push_back may move ids_
        ids_.push_back(id);
      }
      return;
    }
    const size_t begin = ids_.size();
    for (size_t at = 0; at < word.size(); ++at) {
      const int32_t id = definition_.byte_ids[static_cast<uint8_t>(word[at])];
      if (id < 0) {
        unknown_ = character_around(word, at);
        return;
      }
      ids_.push_back(id);
    }
    merger_.merge(ids_, begin);
    if (cached_.size() < kMaxCachedWords) cached_.emplace(word, Place{begin, ids_.size() - begin});
  }

  const TokenizerDefinition& definition_;
  BpeMerger merger_;
  std::vector<int32_t> ids_;
  std::string unknown_;  // the first character that has no tokens
  std::unordered_map<std::string_view, Place> cached_;
};

}  // namespace

struct Tokenizer::State {
  TokenizerDefinition definition;
  AddedTokenFinder all_added;
  AddedTokenFinder ordinary_added;

  explicit State(TokenizerDefinition d)
      : definition(std::move(d)),
        all_added(definition.added_tokens),
        ordinary_added(ordinary_tokens(definition.added_tokens)) {}
};

Tokenizer::Tokenizer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

Result<Tokenizer> Tokenizer::from_vocab_and_merges(std::string_view vocab_json,
                                                   std::string_view merges_txt) {
  Result<TokenizerDefinition> definition = parse_vocab_and_merges(vocab_json, merges_txt);
  if (!definition) return definition.error();
  return Tokenizer(std::make_unique<State>(std::move(*definition)));
}

Result<Tokenizer> Tokenizer::from_tokenizer_json(std::string_view json) {
  Result<TokenizerDefinition> definition = parse_tokenizer_json(json);
  if (!definition) return definition.error();
  return Tokenizer(std::make_unique<State>(std::move(*definition)));
}

Result<std::vector<int32_t>> Tokenizer::encode(std::string_view text, bool special_tokens) const {
  const AddedTokenFinder& finder = special_tokens ? state_->all_added : state_->ordinary_added;
  Encoder encoder(state_->definition);
  size_t at = 0;
  while (const auto match = finder.find(text, at)) {
    encoder.encode_piece(text.substr(at, match->begin - at));
    encoder.add_token(match->id);
    at = match->end;
  }
  encoder.encode_piece(text.substr(at));
  return encoder.take_ids();
}

Result<std::string> Tokenizer::decode(std::span<const int32_t> ids) const {
  std::string bytes;
  for (size_t i = 0; i < ids.size(); ++i) {
    const std::string_view piece = bytes_of(ids[i]);
    if (piece.empty()) {
      return Error{ErrorCode::bad_tokens, "token " + std::to_string(ids[i]) + " at index " +
                                              std::to_string(i) + " is not in the vocabulary of " +
                                              std::to_string(vocab_size()) + " tokens"};
    }
    bytes += piece;
  }
  return bytes;
}

std::string_view Tokenizer::bytes_of(int32_t id) const {
  const auto& token_bytes = state_->definition.token_bytes;
  if (id < 0 || static_cast<size_t>(id) >= token_bytes.size()) return {};
  return token_bytes[static_cast<size_t>(id)];
}

int Tokenizer::vocab_size() const {
  return static_cast<int>(state_->definition.token_bytes.size());
}

int32_t Tokenizer::special_id(std::string_view text) const {
  for (const AddedToken& token : state_->definition.added_tokens) {
    if (token.special && token.text == text) return token.id;
  }
  return -1;
}

}  // namespace glassformer
