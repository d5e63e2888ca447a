// The tokens of a vocabulary as the files spell them, with their ids.
// Include this from .cc files only: it brings in nlohmann/json.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/result.h"

namespace glassformer {

// How far the largest id may lie above the number of tokens: a few ids may be unused, but a single
// id must not decide how much memory is taken.
inline constexpr int64_t kMaxUnusedIds = 65'536;

class Vocabulary {
 public:
  // From the JSON object {"spelling": id, ...}. `place` is how messages name it: "vocab.json" or
  // "tokenizer.json model.vocab". Refuses (bad_tokenizer) ids that are no integers, negative, too
  // large, or given twice, an empty spelling, and a vocabulary without any token of one byte.
  static Result<Vocabulary> from_json(const nlohmann::json& value, std::string_view place);

  const std::string& place() const { return place_; }
  // -1 where no token is spelled so.
  int32_t id_of(std::string_view spelling) const;
  // "" where no token has the id; id >= 0.
  std::string_view spelling_of(int32_t id) const;
  // One more than the largest id.
  size_t size() const { return spellings_.size(); }
  // The id of the token that is one byte, or -1: a vocabulary of its own need not have all of them.
  const std::array<int32_t, 256>& byte_ids() const { return byte_ids_; }

  // Adds a token outside the JSON object, under the same conditions.
  Status add(const std::string& spelling, const nlohmann::json& id, size_t token_count);

 private:
  // Finds a part of a text without a copy of it.
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  Status find_bytes();

  std::string place_;
  std::vector<std::string> spellings_;  // by id
  std::unordered_map<std::string, int32_t, Hash, std::equal_to<>> ids_;
  std::array<int32_t, 256> byte_ids_{};
};

}  // namespace glassformer
