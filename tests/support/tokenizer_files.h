// Files of small tokenizers, made up for tests.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/byte_level.h"

namespace glassformer::testing_support {

// vocab.json as an object: the 256 bytes with ids 0 to 255, then `tokens` with the ids after that.
inline nlohmann::json make_vocab(const std::vector<std::string>& tokens = {}) {
  nlohmann::json vocab = nlohmann::json::object();
  int id = 0;
  for (; id < 256; ++id) vocab[byte_level_spelling(static_cast<uint8_t>(id))] = id;
  for (const std::string& token : tokens) vocab[token] = id++;
  return vocab;
}

// tokenizer.json as an object, with everything as in GPT-2's.
inline nlohmann::json make_tokenizer_json(const nlohmann::json& vocab,
                                          const nlohmann::json& merges) {
  const nlohmann::json byte_level = {
      {"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}};
  return {{"version", "1.0"},
          {"truncation", nullptr},
          {"padding", nullptr},
          {"added_tokens", nlohmann::json::array()},
          {"normalizer", nullptr},
          {"pre_tokenizer", byte_level},
          {"post_processor", byte_level},
          {"decoder", byte_level},
          {"model",
           {{"type", "BPE"},
            {"dropout", nullptr},
            {"unk_token", nullptr},
            {"continuing_subword_prefix", ""},
            {"end_of_word_suffix", ""},
            {"fuse_unk", false},
            {"vocab", vocab},
            {"merges", merges}}}};
}

// An element of added_tokens.
inline nlohmann::json make_added_token(const std::string& content, int id, bool special = true) {
  return {{"id", id},        {"content", content}, {"single_word", false}, {"lstrip", false},
          {"rstrip", false}, {"normalized", true}, {"special", special}};
}

}  // namespace glassformer::testing_support
