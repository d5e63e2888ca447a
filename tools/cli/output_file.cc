#include "tools/cli/output_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "tools/cli/interruption.h"

namespace glassformer::cli {

Result<OutputFile> OutputFile::create(const std::string& path) {
  std::error_code error;
  // Renaming onto a device would replace it.
  if (const auto there = std::filesystem::status(path, error);
      std::filesystem::exists(there) && !std::filesystem::is_regular_file(there)) {
    return Error{ErrorCode::io, path + ": is not a regular file"};
  }
  // Writing then fails, and what is unfinished is cleaned up on the ordinary way out.
  note_interruptions();
  const std::string temporary = path + ".partial-" + std::to_string(process_id());
  // "x": never through a link that somebody else has put there.
  std::FILE* file = std::fopen(temporary.c_str(), "wbx");
  if (!file) return Error{ErrorCode::io, path + ": " + std::strerror(errno)};
  return OutputFile(path, temporary, file);
}

OutputFile::OutputFile(std::string path, std::string temporary, std::FILE* file)
    : path_(std::move(path)), temporary_(std::move(temporary)), file_(file) {}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      file_(std::exchange(other.file_, nullptr)) {}

OutputFile::~OutputFile() {
  if (!file_) return;
  std::fclose(file_);
  unlink(temporary_.c_str());
}

Error OutputFile::failure() const {
  return {ErrorCode::io, path_ + ": could not be written: " + std::strerror(errno)};
}

Status OutputFile::write(std::span<const std::byte> bytes) {
  if (interrupted()) return Error{ErrorCode::io, path_ + ": interrupted before it was whole"};
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) return failure();
  return {};
}

Status OutputFile::finish() {
  if (std::fflush(file_) != 0) return failure();
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) return failure();
  std::fclose(std::exchange(file_, nullptr));
  return {};
}

}  // namespace glassformer::cli
