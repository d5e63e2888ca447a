#include "tools/cli/output_file.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace glassformer::cli {
namespace {

// Set by a signal that asks the program to end; writing then fails, and what is unfinished is
// cleaned up on the ordinary way out.
volatile std::sig_atomic_t interrupted = 0;

void handle_signals() {
  for (const int signal : {SIGHUP, SIGINT, SIGTERM}) {
    // What was ignored before (nohup) stays so.
    if (std::signal(signal, [](int) { interrupted = 1; }) == SIG_IGN) std::signal(signal, SIG_IGN);
  }
  // A file size limit is reported by fwrite() like a full disk.
  std::signal(SIGXFSZ, SIG_IGN);
}

}  // namespace

Result<OutputFile> OutputFile::create(const std::string& path) {
  std::error_code error;
  // Renaming onto a device would replace it.
  if (const auto there = std::filesystem::status(path, error);
      std::filesystem::exists(there) && !std::filesystem::is_regular_file(there)) {
    return Error{ErrorCode::io, path + ": is not a regular file"};
  }
  handle_signals();
  const std::string temporary = path + ".partial-" + std::to_string(getpid());
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
  if (interrupted) return Error{ErrorCode::io, path_ + ": interrupted before it was whole"};
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
