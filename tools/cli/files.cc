#include "tools/cli/files.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>
#include <vector>

namespace glassformer::cli {
namespace {

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

Error io(const std::string& path, const std::string& what) {
  return {ErrorCode::io, path + ": " + what};
}

std::string reason() { return std::strerror(errno); }

// Opens a regular file and tells its size.
Result<File> open_file(const std::string& path, uint64_t& bytes) {
  std::error_code error;
  // Before opening it: a pipe would keep us waiting.
  const auto status = std::filesystem::status(path, error);
  if (std::filesystem::is_directory(status)) return io(path, "is a directory, not a file");
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    return io(path, "is not a regular file");
  }
  File file(std::fopen(path.c_str(), "rb"));
  if (!file) return io(path, reason());
  bytes = std::filesystem::file_size(path, error);
  if (error) return io(path, error.message());
  return file;
}

}  // namespace

bool is_file(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error);
}

Status read_in_pieces(const std::string& path, uint64_t& bytes,
                      const std::function<Status(std::span<const std::byte>)>& take) {
  Result<File> file = open_file(path, bytes);
  if (!file) return file.error();
  std::vector<std::byte> piece(1 << 20);
  while (true) {
    const size_t count = std::fread(piece.data(), 1, piece.size(), file->get());
    if (count > 0) {
      if (Status status = take(std::span(piece).first(count)); !status) return status;
    }
    if (count < piece.size()) {
      if (std::ferror(file->get())) return io(path, reason());
      return {};
    }
  }
}

Result<std::string> read_file(const std::string& path, uint64_t most) {
  uint64_t bytes = 0;
  std::string content;
  const Status status = read_in_pieces(path, bytes, [&](std::span<const std::byte> piece) {
    // Not what the size says, but what comes: a file can grow while it is read.
    if (bytes > most || content.size() + piece.size() > most) {
      return Status(io(
          path, "is larger than the " + std::to_string(most) + " bytes that such a file may have"));
    }
    content.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    return Status();
  });
  if (!status) return status.error();
  return content;
}

Result<std::string> read_standard_input() {
  std::string content;
  char piece[1 << 16];
  while (const size_t count = std::fread(piece, 1, sizeof piece, stdin)) {
    content.append(piece, count);
  }
  if (std::ferror(stdin)) return io("standard input", reason());
  return content;
}

Status write_standard_output(std::string_view text) {
  const size_t written = std::fwrite(text.data(), 1, text.size(), stdout);
  if (written != text.size() || std::fflush(stdout) != 0) return io("standard output", reason());
  return {};
}

}  // namespace glassformer::cli
