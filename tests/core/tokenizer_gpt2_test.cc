// GPT-2's own vocabulary, against cases that other projects recorded from the original.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/tokenizer.h"
#include "tests/support/files.h"
#include "tests/support/tokenizer_files.h"

namespace glassformer {
namespace {

using Ids = std::vector<int32_t>;
using nlohmann::json;
using testing_support::gpt2_tokenizer_folder;
using testing_support::read_file;

constexpr int32_t kEndOfText = 50256;

class Gpt2Tokenizer : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    vocab_ = read_file(gpt2_tokenizer_folder() + "/vocab.json");
    merges_ = read_file(gpt2_tokenizer_folder() + "/merges.txt");
    if (vocab_.empty() || merges_.empty()) return;
    auto tokenizer = Tokenizer::from_vocab_and_merges(vocab_, merges_);
    ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message;
    tokenizer_.emplace(std::move(*tokenizer));
  }
  static void TearDownTestSuite() { tokenizer_.reset(); }

  void SetUp() override {
    if (!tokenizer_) {
      GTEST_SKIP() << "no vocab.json and merges.txt of GPT-2 in " << gpt2_tokenizer_folder()
                   << " (set GLASSFORMER_GPT2_TOKENIZER)";
    }
  }

  inline static std::string vocab_, merges_;
  inline static std::optional<Tokenizer> tokenizer_;
};

TEST_F(Gpt2Tokenizer, GivesTheIdsOfEveryRecordedCase) {
  const json cases =
      json::parse(read_file(gpt2_tokenizer_folder() + "/vectors.json"), nullptr, false);
  ASSERT_TRUE(cases.is_array());
  ASSERT_EQ(cases.size(), 73u);
  for (const json& recorded : cases) {
    const auto text = recorded["text"].get<std::string>();
    const auto ids = recorded["ids"].get<Ids>();
    EXPECT_EQ(*tokenizer_->encode(text), ids) << recorded["src"] << " " << recorded["text"];
    EXPECT_EQ(*tokenizer_->decode(ids), text);
  }
}

TEST_F(Gpt2Tokenizer, HasOneSpecialToken) {
  EXPECT_EQ(tokenizer_->vocab_size(), 50257);
  EXPECT_EQ(tokenizer_->special_id("<|endoftext|>"), kEndOfText);
  EXPECT_EQ(*tokenizer_->encode("Hello<|endoftext|> world", true), (Ids{15496, kEndOfText, 995}));
  EXPECT_EQ(*tokenizer_->encode("<|endoftext|>"), (Ids{27, 91, 437, 1659, 5239, 91, 29}));
}

TEST_F(Gpt2Tokenizer, IsTheSameFromTokenizerJson) {
  json merges = json::array();
  for (size_t at = merges_.find('\n') + 1; at < merges_.size();) {
    const size_t end = merges_.find('\n', at);
    merges.push_back(merges_.substr(at, end - at));
    at = end + 1;
  }
  json object = testing_support::make_tokenizer_json(json::parse(vocab_, nullptr, false), merges);
  object["added_tokens"] =
      json::array({testing_support::make_added_token("<|endoftext|>", kEndOfText)});
  const auto other = Tokenizer::from_tokenizer_json(object.dump());
  ASSERT_TRUE(other.ok()) << other.error().message;
  for (const char* text : {"Once upon a time, there's <|endoftext|> 2 little girls!", "白日依山尽",
                           "  \n\t x", "\xff\xfe"}) {
    EXPECT_EQ(*other->encode(text), *tokenizer_->encode(text));
    EXPECT_EQ(*other->encode(text, true), *tokenizer_->encode(text, true));
  }
}

// A quadratic algorithm would take hours for these.
class Gpt2TokenizerOnAMegabyte : public Gpt2Tokenizer {
 protected:
  static constexpr size_t kBytes = 1 << 20;

  Ids encode(const std::string& text) {
    const Ids ids = *tokenizer_->encode(text);
    EXPECT_EQ(*tokenizer_->decode(ids), text);
    return ids;
  }
};

TEST_F(Gpt2TokenizerOnAMegabyte, EncodesOneRepeatedLetter) {
  // The longest token of the letter a is 4 of them.
  EXPECT_EQ(encode(std::string(kBytes, 'a')).size(), kBytes / 4);
}

TEST_F(Gpt2TokenizerOnAMegabyte, EncodesRepeatedSpaces) {
  EXPECT_EQ(encode(std::string(kBytes, ' ')).size(), kBytes);  // no merge has two spaces
  encode(std::string(kBytes, ' ') + "x");
  encode(std::string(kBytes, '\n') + "x");
}

TEST_F(Gpt2TokenizerOnAMegabyte, EncodesTwoAlternatingLetters) {
  std::string text;
  while (text.size() < kBytes) text += "ab";
  EXPECT_EQ(encode(text).size(), kBytes / 2);  // "ab", over and over
}

TEST_F(Gpt2TokenizerOnAMegabyte, EncodesRandomLettersWithoutASpace) {
  std::string text;
  for (uint32_t state = 1; text.size() < kBytes;) {
    state = state * 1664525 + 1013904223;  // Numerical Recipes' generator
    text += static_cast<char>('a' + (state >> 16) % 26);
  }
  EXPECT_LT(encode(text).size(), kBytes);
}

TEST_F(Gpt2TokenizerOnAMegabyte, EncodesNothingButContractions) {
  std::string text;
  while (text.size() < kBytes) text += "'s";
  EXPECT_EQ(encode(text).size(), text.size() / 2);
}

}  // namespace
}  // namespace glassformer
