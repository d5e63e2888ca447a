// A file, or a folder of files, that appears only when it is whole.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/result.h"

namespace glassformer::cli {

// Writes beside the target and gives it its name in finish(). Dropped before that, by an error or
// by a signal that ends the program, it leaves nothing behind and an older file as it was.
class OutputFile {
 public:
  static Result<OutputFile> create(const std::string& path);
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  // io names the path: a full disk, most often.
  Status write(std::span<const std::byte> bytes);
  Status write(std::string_view text) { return write(std::as_bytes(std::span(text))); }
  Status finish();

 private:
  OutputFile(std::string path, std::string temporary, std::FILE* file);
  Error failure() const;

  std::string path_;
  std::string temporary_;
  std::FILE* file_;
};

}  // namespace glassformer::cli
