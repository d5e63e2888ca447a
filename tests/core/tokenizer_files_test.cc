#include "core/tokenizer_files.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "core/tokenizer.h"
#include "tests/support/tokenizer_files.h"

namespace glassformer {
namespace {

using Ids = std::vector<int32_t>;
using nlohmann::json;
using testing_support::make_vocab;

std::string error_of(const std::string& vocab, const std::string& merges) {
  const auto tokenizer = Tokenizer::from_vocab_and_merges(vocab, merges);
  if (tokenizer.ok()) return "no error";
  EXPECT_EQ(tokenizer.error().code, ErrorCode::bad_tokenizer);
  return tokenizer.error().message;
}

std::string vocab_error(const json& vocab) { return error_of(vocab.dump(), "#version: 0.2\n"); }

std::string merges_error(const std::string& merges) {
  return error_of(make_vocab({"ab", "abc"}).dump(), merges);
}

Ids encode(const json& vocab, const std::string& merges, std::string_view text) {
  const auto tokenizer = Tokenizer::from_vocab_and_merges(vocab.dump(), merges);
  if (!tokenizer.ok()) {
    ADD_FAILURE() << tokenizer.error().message;
    return {};
  }
  return *tokenizer->encode(text);
}

TEST(VocabJson, MayHaveAnyOrderAndUnusedIds) {
  json vocab = make_vocab();
  vocab["ab"] = 1000;
  EXPECT_EQ(encode(vocab, "a b\n", "ab"), (Ids{1000}));
}

TEST(VocabJson, MayHaveTokensThatNoMergeMakes) {
  const auto tokenizer =
      Tokenizer::from_vocab_and_merges(make_vocab({"[PAD]", "月 "}).dump(), "#version\n");
  ASSERT_TRUE(tokenizer.ok());
  EXPECT_EQ(tokenizer->bytes_of(256), "[PAD]");
  EXPECT_EQ(tokenizer->bytes_of(257), "月 ");  // not in the byte-level alphabet: meant literally
  EXPECT_EQ(tokenizer->special_id("[PAD]"), -1);
}

TEST(VocabJson, IsRefusedWhereItIsNotJson) {
  EXPECT_EQ(error_of("", ""), "vocab.json is empty");
  EXPECT_EQ(error_of("{\"a\": 0,", ""), "vocab.json is not valid JSON at its end");
  EXPECT_EQ(error_of("{\"a\": 0}\nx", ""), "vocab.json is not valid JSON at line 2, column 1");
  EXPECT_EQ(error_of("{\"\xff\": 0}", "").substr(0, 28), "vocab.json is not valid JSON");
}

TEST(VocabJson, IsRefusedWhereItIsNoObject) {
  EXPECT_EQ(error_of("[1, 2]", ""), "vocab.json is not an object of tokens and ids");
  EXPECT_EQ(error_of("null", ""), "vocab.json is not an object of tokens and ids");
  const std::string deep = std::string(1'000'000, '[') + std::string(1'000'000, ']');
  EXPECT_EQ(error_of(deep, ""), "vocab.json is not an object of tokens and ids");
}

TEST(VocabJson, NamesATokenWhoseIdIsNoInteger) {
  for (const json& id : {json("7"), json(1.5), json(nullptr), json(true), json::array()}) {
    json vocab = make_vocab();
    vocab["xyz"] = id;
    EXPECT_EQ(vocab_error(vocab), "vocab.json: the id of \"xyz\" is not an integer");
  }
}

TEST(VocabJson, NamesATokenWhoseIdIsOutOfRange) {
  for (const json& id : {json(-1), json(INT64_MIN), json(65'793), json(1'000'000'000'000'000'000),
                         json(UINT64_MAX), json(INT32_MAX)}) {
    json vocab = make_vocab();
    vocab["xyz"] = id;
    EXPECT_EQ(vocab_error(vocab), "vocab.json: the id of \"xyz\" is " + id.dump() +
                                      ", outside 0 to 65792 for 257 tokens");
  }
  json vocab = make_vocab();
  vocab["xyz"] = 65'792;
  EXPECT_EQ(vocab_error(vocab), "no error");
}

TEST(VocabJson, NamesTwoTokensWithTheSameId) {
  json vocab = make_vocab({"ab"});
  vocab["xyz"] = 256;
  EXPECT_EQ(vocab_error(vocab), "vocab.json: \"ab\" and \"xyz\" have the same id 256");
}

TEST(VocabJson, MayLackBytes) {
  const json vocab = {{"A", 0}, {"B", 1}, {"AB", 2}};
  EXPECT_EQ(encode(vocab, "A B\n", "ABA"), (Ids{2, 0}));
}

TEST(VocabJson, IsRefusedWhereItHasNoByteAtAll) {
  EXPECT_EQ(vocab_error(json::object()), "vocab.json has no token that is a single byte");
  EXPECT_EQ(vocab_error({{"AB", 0}, {"月", 1}}), "vocab.json has no token that is a single byte");
}

TEST(VocabJson, IsRefusedWithATokenOfNoCharacters) {
  EXPECT_EQ(vocab_error(make_vocab({""})), "vocab.json has a token of no characters");
}

TEST(VocabJson, IsRefusedWithASpecialTokenOfExtremeLength) {
  const std::string message = vocab_error(make_vocab({"<|" + std::string(300, 'x') + "|>"}));
  EXPECT_EQ(message, "vocab.json: the special token \"<|" + std::string(38, 'x') +
                         "...\" is longer than 256 bytes");
}

TEST(VocabJson, ShowsHostileTokensShortAndPrintable) {
  json vocab = make_vocab();
  vocab[std::string("\x1b[31m\n") + std::string(100'000, 'x')] = -1;
  EXPECT_EQ(vocab_error(vocab), "vocab.json: the id of \"\\x1b[31m\\x0a" + std::string(34, 'x') +
                                    "...\" is -1, outside 0 to 65792 for 257 tokens");
}

TEST(MergesTxt, MayLackTheVersionLineAndTheLastLineEnd) {
  const json vocab = make_vocab({"ab", "abc"});
  for (const char* merges : {"#version: 0.2\na b\nab c\n", "a b\nab c\n", "a b\nab c",
                             "#version: 0.2\r\na b\r\nab c\r\n", "a b\nab c\n\n\r\n"}) {
    EXPECT_EQ(encode(vocab, merges, "abcab"), (Ids{257, 256})) << merges;
  }
}

TEST(MergesTxt, MayHoldNoMergeAtAll) {
  EXPECT_EQ(encode(make_vocab(), "#version: 0.2", "ab"), (Ids{'a', 'b'}));
  EXPECT_EQ(encode(make_vocab(), "\n", "ab"), (Ids{'a', 'b'}));
}

TEST(MergesTxt, MayMergeNumberSigns) {
  EXPECT_EQ(encode(make_vocab({"##"}), "# #\n", "##"), (Ids{256}));
}

TEST(MergesTxt, IsRefusedWhereItIsEmpty) { EXPECT_EQ(merges_error(""), "merges.txt is empty"); }

TEST(MergesTxt, NamesALineThatIsNotTwoTokens) {
  EXPECT_EQ(merges_error("#version: 0.2\na b c\n"),
            "merges.txt line 2: \"a b c\" is not two tokens");
  EXPECT_EQ(merges_error("a b\nabc\n"), "merges.txt line 2: \"abc\" is not two tokens");
  EXPECT_EQ(merges_error("a b\n\nab c\n"), "merges.txt line 2: \"\" is not two tokens");
  EXPECT_EQ(merges_error(" b\n"), "merges.txt line 1: \" b\" is not two tokens");
  EXPECT_EQ(merges_error("a \n"), "merges.txt line 1: \"a \" is not two tokens");
  EXPECT_EQ(merges_error("a b\n#version: 0.2 x\n"),
            "merges.txt line 2: \"#version: 0.2 x\" is not two tokens");
}

TEST(MergesTxt, NamesATokenThatTheVocabularyLacks) {
  EXPECT_EQ(merges_error("a b\nxyz c\n"),
            "merges.txt line 2: \"xyz\" is not a token of vocab.json");
  EXPECT_EQ(merges_error("a 月\n"), "merges.txt line 1: \"月\" is not a token of vocab.json");
}

TEST(MergesTxt, NamesAProductThatTheVocabularyLacks) {
  EXPECT_EQ(merges_error("a b\nb c\n"),
            "merges.txt line 2: \"b\" and \"c\" make \"bc\", which is not a token of vocab.json");
}

TEST(MergesTxt, ShowsGarbageShortAndPrintable) {
  EXPECT_EQ(merges_error("\x7f"
                         "ELF\x02 \xff\xfe" +
                         std::string(100'000, '\0')),
            "merges.txt line 1: \"\\x7f"
            "ELF\\x02\" is not a token of vocab.json");
  EXPECT_EQ(merges_error(std::string(100'000, 'x')),
            "merges.txt line 1: \"" + std::string(40, 'x') + "...\" is not two tokens");
}

}  // namespace
}  // namespace glassformer
