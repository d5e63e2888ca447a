#include "core/tokenizer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "tests/support/files.h"
#include "tests/support/tokenizer_files.h"

namespace glassformer {
namespace {

using Ids = std::vector<int32_t>;
using nlohmann::json;
using testing_support::make_vocab;
using testing_support::read_repository_file;

Tokenizer load_embedded(const std::string& name) {
  auto tokenizer =
      Tokenizer::from_vocab_and_merges(read_repository_file("weights/" + name + "/vocab.json"),
                                       read_repository_file("weights/" + name + "/merges.txt"));
  EXPECT_TRUE(tokenizer.ok()) << tokenizer.error().message;
  return std::move(*tokenizer);
}

// "aa" 256, "aaaa" 257, "<|end|>" 258, and a token that only looks special, 259.
Tokenizer make_small() {
  auto tokenizer = Tokenizer::from_vocab_and_merges(
      make_vocab({"aa", "aaaa", "<|end|>", "<||>"}).dump(), "a a\naa aa\n");
  EXPECT_TRUE(tokenizer.ok()) << tokenizer.error().message;
  return std::move(*tokenizer);
}

void expect_round_trip(const Tokenizer& tokenizer, std::string_view bytes, bool special = false) {
  const auto decoded = tokenizer.decode(*tokenizer.encode(bytes, special));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, bytes);
}

TEST(Tokenizer, EncodesTheEmptyTextAsNoToken) {
  EXPECT_EQ(*make_small().encode(""), Ids{});
  EXPECT_EQ(*make_small().encode("", true), Ids{});
}

TEST(Tokenizer, EncodesARepeatedWordTheSameEachTime) {
  EXPECT_EQ(*make_small().encode("aaa!aaa!aaa"), (Ids{256, 'a', '!', 256, 'a', '!', 256, 'a'}));
}

TEST(Tokenizer, EncodesSpecialTokensOnlyWhenAsked) {
  const Tokenizer tokenizer = make_small();
  EXPECT_EQ(*tokenizer.encode("a<|end|>", true), (Ids{'a', 258}));
  EXPECT_EQ(*tokenizer.encode("a<|end|>"), (Ids{'a', '<', '|', 'e', 'n', 'd', '|', '>'}));
  EXPECT_EQ(*tokenizer.encode("aa<|end|>aa<|end|><|end|>", true), (Ids{256, 258, 256, 258, 258}));
}

TEST(Tokenizer, CutsWordsAtSpecialTokens) {
  const Tokenizer tokenizer = make_small();
  // Spaces before a special token are at the end of their piece: one word.
  EXPECT_EQ(*tokenizer.encode("aa  <|end|>aa", true), (Ids{256, ' ', ' ', 258, 256}));
}

TEST(Tokenizer, KnowsTheSpecialTokensOfVocabJsonByTheirForm) {
  const Tokenizer tokenizer = make_small();
  EXPECT_EQ(tokenizer.special_id("<|end|>"), 258);
  EXPECT_EQ(tokenizer.special_id("<||>"), -1);
  EXPECT_EQ(tokenizer.special_id("aa"), -1);
  EXPECT_EQ(tokenizer.special_id(""), -1);
}

TEST(Tokenizer, DoesNotCallATokenSpecialThatAMergeMakes) {
  const auto tokenizer = Tokenizer::from_vocab_and_merges(
      make_vocab({"<|", "|>", "<|a", "<|a|>"}).dump(), "< |\n| >\n<| a\n<|a |>\n");
  ASSERT_TRUE(tokenizer.ok());
  EXPECT_EQ(tokenizer->special_id("<|a|>"), -1);
}

TEST(Tokenizer, GivesTheBytesOfEachToken) {
  const Tokenizer tokenizer = make_small();
  EXPECT_EQ(tokenizer.vocab_size(), 260);
  EXPECT_EQ(tokenizer.bytes_of(257), "aaaa");
  EXPECT_EQ(tokenizer.bytes_of(258), "<|end|>");
  EXPECT_EQ(tokenizer.bytes_of(0), std::string_view("\0", 1));
  EXPECT_EQ(tokenizer.bytes_of(0xFF), "\xff");
  EXPECT_EQ(tokenizer.bytes_of(-1), "");
  EXPECT_EQ(tokenizer.bytes_of(260), "");
  EXPECT_EQ(tokenizer.bytes_of(INT32_MAX), "");
}

TEST(Tokenizer, NamesAnIdThatIsNotInTheVocabulary) {
  const auto decoded = make_small().decode(Ids{1, 2, 260});
  ASSERT_FALSE(decoded.ok());
  EXPECT_EQ(decoded.error().code, ErrorCode::bad_tokens);
  EXPECT_EQ(decoded.error().message, "token 260 at index 2 is not in the vocabulary of 260 tokens");
  EXPECT_FALSE(make_small().decode(Ids{-1}).ok());
}

// Two letters, and a byte that begins "é" and "ê".
Tokenizer make_tiny() {
  auto tokenizer = Tokenizer::from_vocab_and_merges(R"({"A": 0, "B": 1, "Ã": 2, "<|end|>": 3})",
                                                    "#version: 0.2\n");
  EXPECT_TRUE(tokenizer.ok()) << tokenizer.error().message;
  return std::move(*tokenizer);
}

std::string unknown_in(std::string_view text, bool special = false) {
  const auto ids = make_tiny().encode(text, special);
  if (ids.ok()) return "no error";
  EXPECT_EQ(ids.error().code, ErrorCode::bad_tokens);
  const std::string message = ids.error().message, rest = " is not in the vocabulary of 4 tokens";
  EXPECT_TRUE(message.ends_with(rest)) << message;
  return message.substr(0, message.size() - rest.size());
}

TEST(Tokenizer, EncodesWhatASmallVocabularyHas) {
  EXPECT_EQ(*make_tiny().encode("ABBA\xc3"), (Ids{0, 1, 1, 0, 2}));
  EXPECT_EQ(*make_tiny().encode("A<|end|>B", true), (Ids{0, 3, 1}));
  EXPECT_EQ(*make_tiny().encode(""), Ids{});
}

TEST(Tokenizer, NamesTheFirstCharacterThatASmallVocabularyLacks) {
  EXPECT_EQ(unknown_in("AB c d"), "\" \"");
  EXPECT_EQ(unknown_in("BABAab"), "\"a\"");
  EXPECT_EQ(unknown_in(std::string("A\0", 2)), "\"\\x00\"");
  EXPECT_EQ(unknown_in("A<|end|>B"), "\"<\"");
  EXPECT_EQ(unknown_in("A<|end|>x<|end|>y", true), "\"x\"");
}

TEST(Tokenizer, NamesAWholeCharacterOfWhichASmallVocabularyHasSomeBytes) {
  EXPECT_EQ(unknown_in("ABé"), "\"é\"");
  EXPECT_EQ(unknown_in("A月B"), "\"月\"");
  EXPECT_EQ(unknown_in("A\xc3\xff"), "\"\\xff\"");
}

TEST(Tokenizer, DecodesNoTokenAsTheEmptyText) { EXPECT_EQ(*make_small().decode(Ids{}), ""); }

TEST(Tokenizer, GivesBackBytesThatAreNotUtf8) {
  const Tokenizer tokenizer = load_embedded("stories");
  for (const char* bytes : {"\xff", "\x80\x80", "a\xc3", "\xe6\x9c", "\xed\xa0\x80\xed\xb0\x80",
                            "\xc0\xaf", "\xf4\x90\x80\x80", "once\xffupon a \xe6time"}) {
    expect_round_trip(tokenizer, bytes);
  }
}

TEST(Tokenizer, GivesBackAnyBytes) {
  const Tokenizer tokenizer = load_embedded("tang");
  std::mt19937 random(7);
  // Bytes that start, continue, end and interrupt characters, next to spaces and letters.
  const std::string interesting("\0 \n'a9\x7f\x80\x9c\xbf\xc3\xe6\xed\xf0\xf4\xff", 17);
  for (int round = 0; round < 500; ++round) {
    std::string bytes;
    for (uint32_t i = random() % 50; i > 0; --i) {
      bytes += round % 2 ? interesting[random() % interesting.size()] : static_cast<char>(random());
    }
    expect_round_trip(tokenizer, bytes);
    expect_round_trip(tokenizer, bytes, /*special=*/true);
  }
}

TEST(EmbeddedStories, EncodesThePromptOfTheRecordedRun) {
  const Tokenizer tokenizer = load_embedded("stories");
  const json recorded =
      json::parse(read_repository_file("tests/golden/stories/greedy.json"), nullptr, false);
  ASSERT_TRUE(recorded.is_object());
  const auto ids = recorded["ids"].get<Ids>();
  EXPECT_EQ(*tokenizer.encode(recorded["prompt"].get<std::string>()), ids);
  const auto text = tokenizer.decode(ids);
  ASSERT_TRUE(text.ok());
  Ids continued = ids;
  const auto greedy = recorded["greedy_24"].get<Ids>();
  continued.insert(continued.end(), greedy.begin(), greedy.end());
  EXPECT_EQ(*tokenizer.decode(continued), recorded["text"].get<std::string>());
}

TEST(EmbeddedStories, HasOneSpecialToken) {
  const Tokenizer tokenizer = load_embedded("stories");
  EXPECT_EQ(tokenizer.vocab_size(), 4096);
  EXPECT_EQ(tokenizer.special_id("<|endoftext|>"), 4095);
  EXPECT_EQ(*tokenizer.encode("<|endoftext|>", true), (Ids{4095}));
  EXPECT_GT(tokenizer.encode("<|endoftext|>")->size(), 1u);
}

TEST(EmbeddedTang, RoundTripsVerse) {
  const Tokenizer tokenizer = load_embedded("tang");
  EXPECT_EQ(tokenizer.special_id("<|endoftext|>"), 6143);
  const std::string verse = "白日依山尽，黄河入海流。欲穷千里目，更上一层楼。\n";
  expect_round_trip(tokenizer, verse);
  // The vocabulary was learned on verse: about a token a character, not one a byte.
  EXPECT_LT(tokenizer.encode(verse)->size(), verse.size() / 2);
}

TEST(EmbeddedTang, SpreadsARareCharacterOverTokensThatHoldItsBytes) {
  const Tokenizer tokenizer = load_embedded("tang");
  const std::string llama = "🦙";
  const Ids ids = *tokenizer.encode(llama);
  ASSERT_GT(ids.size(), 1u);
  std::string bytes;
  for (const int32_t id : ids) {
    EXPECT_FALSE(tokenizer.bytes_of(id).empty());
    bytes += tokenizer.bytes_of(id);
    EXPECT_EQ(*tokenizer.decode(std::span(&id, 1)), tokenizer.bytes_of(id));
  }
  EXPECT_EQ(bytes, llama);
}

}  // namespace
}  // namespace glassformer
