#include "core/safetensors.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace glassformer {
namespace {

std::string header_problem(const std::string& json, uint64_t file_bytes = 0) {
  const auto header = parse_safetensors_header(json, file_bytes);
  if (header) return "was accepted";
  EXPECT_EQ(header.error().code, ErrorCode::bad_weights);
  const std::string prefix = "model.safetensors: ";
  EXPECT_EQ(header.error().message.find(prefix), 0u);
  return header.error().message.substr(prefix.size());
}

Result<uint64_t> length_from(uint64_t length, uint64_t file_bytes) {
  std::array<std::byte, 8> bytes;
  for (size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::byte>(length >> (8 * i));
  return safetensors_header_length(bytes, file_bytes);
}

constexpr const char* kTwo =
    R"({"__metadata__":{"format":"pt"},"b":{"dtype":"F16","shape":[2,2],"data_offsets":[4,12]},)"
    R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";

TEST(SafetensorsLength, IsLittleEndian) { EXPECT_EQ(*length_from(0x0102, 1000), 0x0102u); }

TEST(SafetensorsLength, IsDistrusted) {
  EXPECT_FALSE(length_from(0, 100).ok());
  EXPECT_FALSE(length_from(1, 100).ok());
  EXPECT_FALSE(length_from(93, 100).ok());
  EXPECT_TRUE(length_from(92, 100).ok());
  EXPECT_FALSE(length_from(kMaxSafetensorsHeader + 1, 0).ok());
  EXPECT_EQ(
      length_from(uint64_t{1} << 60, 0).error().message,
      "model.safetensors: the header length is 1,152,921,504,606,846,976 bytes, more than the "
      "100,000,000 that a safetensors file may have");
  EXPECT_FALSE(length_from(UINT64_MAX, 0).ok());
  EXPECT_FALSE(length_from(50, 4).ok());
}

TEST(SafetensorsHeader, IsReadInTheOrderOfTheData) {
  const auto header = parse_safetensors_header(kTwo, 8 + std::string(kTwo).size() + 12);
  ASSERT_TRUE(header) << header.error().message;
  EXPECT_EQ(header->metadata.at("format"), "pt");
  ASSERT_EQ(header->entries.size(), 2u);
  EXPECT_EQ(header->entries[0].name, "a");
  EXPECT_EQ(header->entries[1].dtype, Dtype::f16);
  EXPECT_EQ(header->entries[1].shape, (std::vector<int64_t>{2, 2}));
  EXPECT_EQ(header->data_start, 8 + std::string(kTwo).size());
  EXPECT_EQ(header->data_bytes, 12u);
  EXPECT_EQ(header->find("b")->begin, 4u);
  EXPECT_EQ(header->find("c"), nullptr);
}

TEST(SafetensorsHeader, MayDescribeScalarsAndEmptyTensors) {
  EXPECT_TRUE(parse_safetensors_header("{}", 10).ok());
  EXPECT_TRUE(parse_safetensors_header(R"({"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},)"
                                       R"("b":{"dtype":"F32","shape":[0,7],"data_offsets":[4,4]}})",
                                       0)
                  .ok());
}

TEST(SafetensorsHeader, MustDescribeTheWholeFile) {
  const uint64_t size = 8 + std::string(kTwo).size() + 12;
  EXPECT_NE(header_problem(kTwo, size - 1).find("is truncated"), std::string::npos);
  EXPECT_NE(header_problem(kTwo, size + 1).find("describes only"), std::string::npos);
}

// One tensor whose fields are given as JSON.
std::string one(const char* dtype, const char* shape, const char* offsets) {
  return std::string(R"({"a":{"dtype":)") + dtype + R"(,"shape":)" + shape + R"(,"data_offsets":)" +
         offsets + "}}";
}

TEST(SafetensorsHeader, RefusesFieldsThatAreNotWhatTheyShouldBe) {
  EXPECT_EQ(header_problem(one(R"("F8")", "[1]", "[0,1]")),
            "tensor \"a\" has the unknown dtype \"F8\"");
  EXPECT_EQ(header_problem(one("4", "[1]", "[0,4]")), "tensor \"a\" has a number as its dtype");
  EXPECT_EQ(header_problem(one(R"("F32")", "[-1]", "[0,4]")),
            "tensor \"a\" has the negative number -1 in its shape");
  EXPECT_EQ(header_problem(one(R"("F32")", "[1.5]", "[0,4]")),
            "tensor \"a\" has a number that is not a 64-bit integer in its shape");
  EXPECT_EQ(header_problem(one(R"("F32")", "[[1]]", "[0,4]")),
            "tensor \"a\" has an array in its shape");
  EXPECT_EQ(header_problem(one(R"("F32")", "[1]", "[-4,0]")),
            "tensor \"a\" has the negative number -4 in its data_offsets");
  EXPECT_EQ(header_problem(one(R"("F32")", "[1]", "[0]")),
            "tensor \"a\" has fewer than two data_offsets");
  EXPECT_EQ(header_problem(one(R"("F32")", "[1]", "[0,4,8]")),
            "tensor \"a\" has more than two data_offsets");
  EXPECT_EQ(header_problem(one(R"("F32")", "[1]", "[4,0]")),
            "tensor \"a\" begins at byte 4, after its end at 0");
  EXPECT_EQ(header_problem(one(R"("F32")", "[2]", "[0,4]")),
            "tensor \"a\" has data_offsets of 4 bytes, but its shape and dtype need 8");
  EXPECT_EQ(header_problem(one(R"("F32")", "[4294967296,4294967296]", "[0,0]")),
            "tensor \"a\" has a shape whose size overflows");
  EXPECT_EQ(header_problem(R"({"a":{"dtype":"F32","shape":[1]}})"),
            "tensor \"a\" has no data_offsets");
  EXPECT_EQ(header_problem(R"({"a":{"dtype":"F32","dtype":"F32"}})"),
            "tensor \"a\" has dtype twice");
  EXPECT_EQ(header_problem(R"({"a":{"stride":[1]}})"),
            "tensor \"a\" has the unknown field \"stride\"");
  EXPECT_EQ(header_problem(R"({"a":7})"), "tensor \"a\" is a number instead of an object");
  EXPECT_EQ(header_problem(R"({"__metadata__":{"x":1}})"),
            "__metadata__ has a number at \"x\" instead of a string");
}

TEST(SafetensorsHeader, RefusesAManyDimensionalShape) {
  std::string shape = "[1";
  for (int i = 0; i < 40; ++i) shape += ",1";
  EXPECT_EQ(header_problem(one(R"("F32")", (shape + "]").c_str(), "[0,4]")),
            "tensor \"a\" has more than 16 dimensions");
}

TEST(SafetensorsHeader, RefusesTheSameNameTwice) {
  EXPECT_EQ(header_problem(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                           R"("a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})"),
            "tensor \"a\" is there twice");
}

TEST(SafetensorsHeader, RefusesOverlapsAndHoles) {
  EXPECT_EQ(header_problem(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                           R"("b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})"),
            "tensor \"b\" overlaps the one before it");
  EXPECT_EQ(header_problem(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                           R"("b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}})"),
            "there is a hole of 4 bytes before tensor \"b\"");
}

TEST(SafetensorsHeader, RefusesWhatIsNotAJsonObject) {
  EXPECT_EQ(header_problem(""), "the header does not begin with {");
  EXPECT_EQ(header_problem(" {}"), "the header does not begin with {");
  EXPECT_EQ(header_problem("[]"), "the header does not begin with {");
  EXPECT_EQ(header_problem("{\"a\":"), "the header is not valid JSON at its end");
  EXPECT_EQ(header_problem("{\"a\x01"), "the header is not valid JSON at line 1, column 4");
  EXPECT_EQ(header_problem("{}{}"), "the header is not valid JSON at line 1, column 3");
  // A second header behind a zero byte, where a reader in C would stop.
  EXPECT_EQ(header_problem(std::string("{}\0{}", 5)),
            "the header is not valid JSON at line 1, column 3");
}

TEST(SafetensorsHeader, DeepNestingIsRefusedAndDoesNotOverflowTheStack) {
  std::string deep = "{\"a\":";
  deep.append(1'000'000, '[');
  EXPECT_EQ(header_problem(deep), "tensor \"a\" is an array instead of an object");
}

TEST(MakeSafetensorsHeader, IsReadBackAndAligned) {
  std::vector<SafetensorsEntry> entries(2);
  entries[0].name = "logits \"quoted\"";
  entries[0].shape = {2, 3};
  entries[1].name = "b";
  entries[1].dtype = Dtype::f16;
  entries[1].shape = {5};
  const std::string file = make_safetensors_header(entries, {{"prompt", "caf\xc3\xa9 \xff"}});
  EXPECT_EQ(file.size() % 8, 0u);
  const auto header =
      parse_safetensors_header(std::string_view(file).substr(8), file.size() + 24 + 10);
  ASSERT_TRUE(header) << header.error().message;
  EXPECT_EQ(header->entries[0].name, "logits \"quoted\"");
  EXPECT_EQ(header->entries[1].begin, 24u);
  EXPECT_EQ(header->metadata.at("prompt"), "caf\xc3\xa9 \xef\xbf\xbd");
}

}  // namespace
}  // namespace glassformer
