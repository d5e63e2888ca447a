#include "core/json_text.h"

#include <gtest/gtest.h>

namespace glassformer {
namespace {

// What is wrong with a document, after the name of the file.
std::string problem(std::string_view text) {
  const auto parsed = parse_json(text, "some.json", ErrorCode::bad_config);
  if (parsed) return "was accepted";
  EXPECT_EQ(parsed.error().code, ErrorCode::bad_config);
  const std::string prefix = "some.json is not valid JSON ";
  EXPECT_EQ(parsed.error().message.find(prefix), 0u);
  return parsed.error().message.substr(prefix.size());
}

TEST(ParseJson, GivesTheDocument) {
  const auto parsed = parse_json(" {\"a\": [1, 2.5, \"\xe2\x82\xac\"]}\n", "", ErrorCode::io);
  ASSERT_TRUE(parsed);
  EXPECT_EQ((*parsed)["a"], (nlohmann::json{1, 2.5, "\xe2\x82\xac"}));
}

TEST(ParseJson, TellsTheLineAndColumnOfAMistake) {
  EXPECT_EQ(problem("{\"a\": nil}"), "at line 1, column 8");
  EXPECT_EQ(problem("[1,\n 2,\n x]"), "at line 3, column 2");
  EXPECT_EQ(problem("[1] [2]"), "at line 1, column 5");
  EXPECT_EQ(problem("]"), "at line 1, column 1");
}

TEST(ParseJson, AMistakeAtTheEndIsSaidToBeThere) {
  EXPECT_EQ(problem(""), "at its end");
  EXPECT_EQ(problem("[1,\n"), "at its end");
  EXPECT_EQ(problem("\"abc"), "at its end");
}

TEST(ParseJson, RefusesTextThatIsNotUtf8) {
  EXPECT_EQ(problem("[\"\xff\"]"), "at line 1, column 3");
  EXPECT_EQ(problem("[\"\xed\xa0\x80\"]"), "at line 1, column 4");  // a surrogate
}

TEST(ParseJson, DoesNotEndAtAZeroByte) {
  EXPECT_EQ(problem(std::string_view("[1]\0", 4)), "at line 1, column 4");
  EXPECT_EQ(problem(std::string_view("[1]\n\0[2]", 8)), "at line 2, column 1");
  EXPECT_EQ(problem(std::string_view("[1\0]", 4)), "at line 1, column 3");
  EXPECT_EQ(problem(std::string_view("[\"\0\"]", 5)), "at line 1, column 3");
}

TEST(ParseJson, DeepNestingDoesNotOverflowTheStack) {
  EXPECT_EQ(problem(std::string(3'000'000, '[')), "at its end");
  std::string closed(1'000'000, '[');
  closed.append(1'000'000, ']');
  EXPECT_TRUE(parse_json(closed, "", ErrorCode::io));
}

TEST(DescribeJsonPosition, CountsLinesAndBytes) {
  EXPECT_EQ(describe_json_position("ab\ncd", 0), "at line 1, column 1");
  EXPECT_EQ(describe_json_position("ab\ncd", 2), "at line 1, column 3");
  EXPECT_EQ(describe_json_position("ab\ncd", 3), "at line 2, column 1");
  EXPECT_EQ(describe_json_position("ab\ncd", 5), "at its end");
}

}  // namespace
}  // namespace glassformer
