#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "core/half.h"
#include "core/safetensors.h"
#include "tools/cli/files.h"
#include "tools/cli/model_folder.h"
#include "tools/cli/output_file.h"
#include "tools/cli/verbs.h"

namespace glassformer::cli {
namespace {

namespace fs = std::filesystem;

Error io(const std::string& path, const std::string& what) {
  return {ErrorCode::io, path + ": " + what};
}

// A folder that gets its name when it is whole, and vanishes otherwise.
class OutputFolder {
 public:
  explicit OutputFolder(const std::string& path)
      : path_(path), temporary_(path + ".partial-" + std::to_string(getpid())) {}
  ~OutputFolder() {
    std::error_code ignored;
    if (!finished_) fs::remove_all(temporary_, ignored);
  }
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

  // `path` must not exist, or be an empty folder.
  Status create() {
    std::error_code error;
    if (fs::exists(path_, error) &&
        !(fs::is_directory(path_, error) && fs::is_empty(path_, error))) {
      return io(path_, "is there already, and not an empty folder");
    }
    if (!fs::create_directory(temporary_, error)) {
      return io(path_, error ? error.message() : "is being written by another program");
    }
    return {};
  }
  std::string file(const std::string& name) const { return temporary_ + "/" + name; }
  Status finish() {
    std::error_code error;
    fs::rename(temporary_, path_, error);
    if (error) return io(path_, error.message());
    finished_ = true;
    return {};
  }

 private:
  std::string path_, temporary_;
  bool finished_ = false;
};

Status copy_file(const std::string& from, const std::string& to) {
  const Result<std::string> content = read_file(from);
  if (!content) return content.error();
  Result<OutputFile> file = OutputFile::create(to);
  if (!file) return file.error();
  if (Status status = file->write(*content); !status) return status;
  return file->finish();
}

// The names that Hugging Face's GPT2LMHeadModel has.
std::string stored_name(const std::string& name) {
  return name == "lm_head.weight" ? name : "transformer." + name;
}

Result<std::vector<uint16_t>> to_f16(const NamedWeight& weight, std::span<const float> values) {
  std::vector<uint16_t> halves;
  for (const float value : values) {
    halves.push_back(f32_to_f16(value));
    if ((halves.back() & 0x7fffu) == 0x7c00u) {
      return Error{ErrorCode::bad_weights, "model.safetensors: " + weight.name + " has the value " +
                                               std::to_string(value) +
                                               ", which is too large for f16"};
    }
  }
  return halves;
}

Status write_weight(OutputFile& file, const NamedWeight& weight, Dtype dtype) {
  std::vector<float> values(1 << 16);
  for (int64_t first = 0; first < weight.size(); first += std::ssize(values)) {
    values.resize(static_cast<size_t>(std::min(std::ssize(values), weight.size() - first)));
    weight.read(first, values);
    if (dtype == Dtype::f16) {
      const Result<std::vector<uint16_t>> halves = to_f16(weight, values);
      if (!halves) return halves.error();
      if (Status status = file.write(std::as_bytes(std::span(*halves))); !status) return status;
    } else if (Status status = file.write(std::as_bytes(std::span(values))); !status) {
      return status;
    }
  }
  return {};
}

Status write_weights(const std::string& path, const Weights& weights, Dtype dtype) {
  std::vector<SafetensorsEntry> entries;
  for (const NamedWeight& weight : weights.named) {
    SafetensorsEntry entry;
    entry.name = stored_name(weight.name);
    entry.dtype = dtype;
    entry.shape = weight.shape;
    entries.push_back(std::move(entry));
  }
  Result<OutputFile> file = OutputFile::create(path);
  if (!file) return file.error();
  // Hugging Face's loader insists on a "format".
  if (Status status = file->write(make_safetensors_header(entries, {{"format", "pt"}})); !status) {
    return status;
  }
  for (const NamedWeight& weight : weights.named) {
    if (Status status = write_weight(*file, weight, dtype); !status) return status;
  }
  return file->finish();
}

}  // namespace

Status convert(const Arguments& arguments) {
  const std::string dtype = arguments.text("--dtype");
  if (dtype != "f32" && dtype != "f16") {
    return Error{ErrorCode::bad_option, "convert needs --dtype f32 or --dtype f16" +
                                            (dtype.empty() ? "" : "; it cannot write " + dtype)};
  }
  const std::string& from = arguments.operand(0);
  const Result<LoadedModel> loaded = load_model(from);
  if (!loaded) return loaded.error();
  OutputFolder out(arguments.operand(1));
  if (Status status = out.create(); !status) return status;
  std::vector<std::string> files = tokenizer_files(from);
  files.insert(files.begin(), "config.json");
  for (const std::string& name : files) {
    if (Status status = copy_file(from + "/" + name, out.file(name)); !status) return status;
  }
  const Status status = write_weights(out.file("model.safetensors"), loaded->model.weights,
                                      dtype == "f16" ? Dtype::f16 : Dtype::f32);
  if (!status) {
    if (status.error().code == ErrorCode::io) return status;
    return Error{status.error().code, from + "/" + status.error().message};
  }
  return out.finish();
}

}  // namespace glassformer::cli
