#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/tokenizer.h"
#include "tests/support/tokenizer_files.h"

namespace glassformer {
namespace {

using Ids = std::vector<int32_t>;
using nlohmann::json;
using testing_support::make_added_token;
using testing_support::make_tokenizer_json;
using testing_support::make_vocab;

// "ab" is 256, "abc" is 257.
json small() {
  return make_tokenizer_json(make_vocab({"ab", "abc"}), json::array({"a b", "ab c"}));
}

// small() with the value at a JSON pointer replaced.
json with(const char* pointer, const json& value) {
  json object = small();
  object[json::json_pointer(pointer)] = value;
  return object;
}

std::string error_of(const std::string& text) {
  const auto tokenizer = Tokenizer::from_tokenizer_json(text);
  if (tokenizer.ok()) return "no error";
  EXPECT_EQ(tokenizer.error().code, ErrorCode::bad_tokenizer);
  return tokenizer.error().message;
}
std::string error_of(const json& object) { return error_of(object.dump()); }

Ids encode(const json& object, std::string_view text, bool special_tokens = false) {
  const auto tokenizer = Tokenizer::from_tokenizer_json(object.dump());
  if (!tokenizer.ok()) {
    ADD_FAILURE() << tokenizer.error().message;
    return {};
  }
  return *tokenizer->encode(text, special_tokens);
}

TEST(TokenizerJson, EncodesWithMergesAsTextOrAsPairs) {
  EXPECT_EQ(encode(small(), "abcab"), (Ids{257, 256}));
  const json pairs = json::array({json::array({"a", "b"}), json::array({"ab", "c"})});
  EXPECT_EQ(encode(with("/model/merges", pairs), "abcab"), (Ids{257, 256}));
}

TEST(TokenizerJson, MayLackWhatOldFilesLack) {
  json object = small();
  object["model"].erase("type");
  object.erase("added_tokens");
  object.erase("truncation");
  EXPECT_EQ(encode(object, "abc"), (Ids{257}));
}

TEST(TokenizerJson, MaySetTruncationAndPaddingWhichAreIgnored) {
  const json object = with("/truncation", {{"max_length", 1}});
  EXPECT_EQ(encode(object, "xyz"), (Ids{'x', 'y', 'z'}));
}

TEST(TokenizerJson, HasTheSpecialTokensThatItLists) {
  json object = make_tokenizer_json(make_vocab({"<|endoftext|>", "<|other|>"}), json::array());
  object["added_tokens"] = json::array({make_added_token("<|endoftext|>", 256)});
  const auto tokenizer = Tokenizer::from_tokenizer_json(object.dump());
  ASSERT_TRUE(tokenizer.ok());
  EXPECT_EQ(tokenizer->special_id("<|endoftext|>"), 256);
  EXPECT_EQ(tokenizer->special_id("<|other|>"), -1);
  EXPECT_EQ(*tokenizer->encode("a<|endoftext|>b", true), (Ids{'a', 256, 'b'}));
  EXPECT_EQ(tokenizer->encode("<|endoftext|>")->size(), 13u);
}

TEST(TokenizerJson, AddsTokensThatTheVocabularyLacks) {
  const json object = with("/added_tokens", json::array({make_added_token("[月 光]", 258)}));
  const auto tokenizer = Tokenizer::from_tokenizer_json(object.dump());
  ASSERT_TRUE(tokenizer.ok());
  EXPECT_EQ(tokenizer->vocab_size(), 259);
  EXPECT_EQ(tokenizer->bytes_of(258), "[月 光]");
  EXPECT_EQ(*tokenizer->encode("x[月 光]", true), (Ids{'x', 258}));
}

TEST(TokenizerJson, FindsAddedTokensThatAreNotSpecialWithoutBeingAsked) {
  const json object = with("/added_tokens", json::array({make_added_token("hello", 258, false),
                                                         make_added_token("<|end|>", 259, true)}));
  EXPECT_EQ(encode(object, "ohello"), (Ids{'o', 258}));
  EXPECT_EQ(encode(object, "hello<|end|>", true), (Ids{258, 259}));
  EXPECT_EQ(encode(object, "hello<|end|>").size(), 8u);
}

TEST(TokenizerJson, HonoursAddPrefixSpace) {
  json object = make_tokenizer_json(make_vocab({"Ġa"}), json::array({"Ġ a"}));
  EXPECT_EQ(encode(object, "a a"), (Ids{'a', 256}));
  object["pre_tokenizer"]["add_prefix_space"] = true;
  object["added_tokens"] = json::array({make_added_token("<|x|>", 257)});
  EXPECT_EQ(encode(object, "a a"), (Ids{256, 256}));
  EXPECT_EQ(encode(object, " a a"), (Ids{256, 256}));
  EXPECT_EQ(encode(object, "a a<|x|>a<|x|>", true), (Ids{256, 256, 257, 256, 257}));
  EXPECT_EQ(encode(object, ""), Ids{});
}

TEST(TokenizerJson, IsRefusedWhereItIsNotAnObject) {
  EXPECT_EQ(error_of(std::string()), "tokenizer.json is empty");
  EXPECT_EQ(error_of(std::string("[")), "tokenizer.json is not valid JSON at its end");
  EXPECT_EQ(error_of(json::array()), "tokenizer.json is not an object");
  EXPECT_EQ(error_of(json::object()), "tokenizer.json model is not an object");
}

TEST(TokenizerJson, NamesAnotherModel) {
  EXPECT_EQ(error_of(with("/model/type", "Unigram")),
            "tokenizer.json model.type is \"Unigram\", not \"BPE\"");
}

TEST(TokenizerJson, NamesASettingThatGpt2DoesNotHave) {
  EXPECT_EQ(error_of(with("/model/dropout", 0.1)),
            "tokenizer.json model.dropout is 0.1, which GPT-2 does not have");
  EXPECT_EQ(error_of(with("/model/byte_fallback", true)),
            "tokenizer.json model.byte_fallback is true, which GPT-2 does not have");
  EXPECT_EQ(error_of(with("/model/ignore_merges", true)),
            "tokenizer.json model.ignore_merges is true, which GPT-2 does not have");
  EXPECT_EQ(error_of(with("/model/end_of_word_suffix", "</w>")),
            "tokenizer.json model.end_of_word_suffix is \"</w>\", which GPT-2 does not have");
  EXPECT_EQ(error_of(with("/model/continuing_subword_prefix", "##")),
            "tokenizer.json model.continuing_subword_prefix is \"##\", which GPT-2 does not have");
  for (const char* name : {"/model/dropout", "/model/byte_fallback", "/model/ignore_merges"}) {
    EXPECT_EQ(error_of(with(name, name == std::string("/model/dropout") ? json(0.0) : json(false))),
              "no error");
  }
}

TEST(TokenizerJson, NamesUnknownSettings) {
  EXPECT_EQ(error_of(with("/model/temperature", 1)),
            "tokenizer.json model has an unknown setting, \"temperature\"");
  EXPECT_EQ(error_of(with("/reverse", true)), "tokenizer.json has an unknown setting, \"reverse\"");
  EXPECT_EQ(error_of(with("/pre_tokenizer/lowercase", true)),
            "tokenizer.json pre_tokenizer has an unknown setting, \"lowercase\"");
}

TEST(TokenizerJson, NamesOtherPartsOfThePipeline) {
  EXPECT_EQ(error_of(with("/normalizer", {{"type", "NFC"}})),
            "tokenizer.json normalizer is \"NFC\", not null");
  EXPECT_EQ(error_of(with("/pre_tokenizer", nullptr)),
            "tokenizer.json pre_tokenizer is not ByteLevel");
  EXPECT_EQ(error_of(with("/pre_tokenizer/type", "Whitespace")),
            "tokenizer.json pre_tokenizer is \"Whitespace\", not \"ByteLevel\"");
  EXPECT_EQ(error_of(with("/pre_tokenizer/use_regex", false)),
            "tokenizer.json pre_tokenizer.use_regex is false, not true");
  EXPECT_EQ(error_of(with("/pre_tokenizer/add_prefix_space", 1)),
            "tokenizer.json pre_tokenizer.add_prefix_space is 1, not true or false");
  EXPECT_EQ(error_of(with("/post_processor/type", "TemplateProcessing")),
            "tokenizer.json post_processor is \"TemplateProcessing\", not \"ByteLevel\"");
  EXPECT_EQ(error_of(with("/decoder/type", "Metaspace")),
            "tokenizer.json decoder is \"Metaspace\", not \"ByteLevel\"");
  EXPECT_EQ(error_of(with("/decoder", nullptr)), "no error");
  EXPECT_EQ(error_of(with("/post_processor", nullptr)), "no error");
}

TEST(TokenizerJson, NamesWhatIsWrongInTheVocabulary) {
  EXPECT_EQ(error_of(with("/model/vocab", json::array())),
            "tokenizer.json model.vocab is not an object of tokens and ids");
  EXPECT_EQ(error_of(with("/model/vocab/xyz", 1e18)),
            "tokenizer.json model.vocab: the id of \"xyz\" is not an integer");
  EXPECT_EQ(error_of(with("/model/vocab", json::object())),
            "tokenizer.json model.vocab has no token that is a single byte");
}

TEST(TokenizerJson, NamesAMergeThatIsGarbage) {
  const auto merge_error = [](const json& merge) {
    return error_of(with("/model/merges", json::array({"a b", merge})));
  };
  EXPECT_EQ(error_of(with("/model/merges", "a b")), "tokenizer.json model.merges is not an array");
  EXPECT_EQ(merge_error("a b c"), "tokenizer.json model.merges[1]: \"a b c\" is not two tokens");
  EXPECT_EQ(merge_error(json::array({"a"})), "tokenizer.json model.merges[1] is not two tokens");
  EXPECT_EQ(merge_error(json::array({"a", 1})), "tokenizer.json model.merges[1] is not two tokens");
  EXPECT_EQ(merge_error(7), "tokenizer.json model.merges[1] is not two tokens");
  EXPECT_EQ(merge_error(json::array({"a", "xyz"})),
            "tokenizer.json model.merges[1]: \"xyz\" is not a token of tokenizer.json model.vocab");
}

TEST(TokenizerJson, NamesAnAddedTokenThatIsGarbage) {
  const auto added_error = [](const json& token) {
    return error_of(with("/added_tokens", json::array({token})));
  };
  const auto changed = [](const char* name, const json& value) {
    json token = make_added_token("<|x|>", 258);
    token[name] = value;
    return token;
  };
  EXPECT_EQ(error_of(with("/added_tokens", 1)), "tokenizer.json added_tokens is not an array");
  EXPECT_EQ(added_error(1), "tokenizer.json added_tokens[0] is not a token with a \"content\"");
  EXPECT_EQ(added_error(changed("content", "")),
            "tokenizer.json added_tokens[0], \"\", is not 1 to 256 bytes long");
  EXPECT_EQ(added_error(changed("lstrip", true)),
            "tokenizer.json added_tokens[0].lstrip is true, not false");
  EXPECT_EQ(added_error(changed("special", 1)),
            "tokenizer.json added_tokens[0].special is 1, not true or false");
  EXPECT_EQ(added_error(changed("shade", 1)),
            "tokenizer.json added_tokens[0] has an unknown setting, \"shade\"");
  EXPECT_EQ(added_error(changed("id", 256)),
            "tokenizer.json model.vocab: \"ab\" and \"<|x|>\" have the same id 256");
  EXPECT_EQ(added_error(changed("id", nullptr)),
            "tokenizer.json model.vocab: the id of \"<|x|>\" is not an integer");
  EXPECT_EQ(added_error(changed("id", 1'000'000'000)),
            "tokenizer.json model.vocab: the id of \"<|x|>\" is 1000000000, outside 0 to 65794 for "
            "259 tokens");
  EXPECT_EQ(added_error(make_added_token("ab", 3)),
            "tokenizer.json added_tokens[0]: the id of \"ab\" is 3, but 256 in model.vocab");
}

TEST(TokenizerJson, NamesAnAddedTokenThatIsGivenTwice) {
  const json token = make_added_token("<|x|>", 258);
  EXPECT_EQ(error_of(with("/added_tokens", json::array({token, token}))),
            "tokenizer.json added_tokens[1] repeats the token \"<|x|>\"");
}

}  // namespace
}  // namespace glassformer
