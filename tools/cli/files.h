// Reading files and standard input; writing standard output.
#pragma once

#include <cstdio>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "core/result.h"

namespace glassformer::cli {

// More than any tokenizer.json of a GPT-2; what is larger is not what it says it is.
inline constexpr uint64_t kMaxTextFile = 256u << 20;

bool is_file(const std::string& path);

// The whole file; io names the path and the reason (not there, a directory, larger than `most`).
Result<std::string> read_file(const std::string& path, uint64_t most = kMaxTextFile);

// Hands the file's bytes to `take` piece by piece, in order; `take` stops it by returning an error.
// `bytes` receives the file's size before the first piece.
Status read_in_pieces(const std::string& path, uint64_t& bytes,
                      const std::function<Status(std::span<const std::byte>)>& take);

Result<std::string> read_standard_input();

// Writes and flushes; io where standard output cannot take it (a full disk).
Status write_standard_output(std::string_view text);

}  // namespace glassformer::cli
