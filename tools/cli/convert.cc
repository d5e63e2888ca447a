#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>

#include "core/half.h"
#include "core/safetensors.h"
#include "core/weights_plan.h"
#include "tools/cli/files.h"
#include "tools/cli/interruption.h"
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
  // "out/" is the folder "out".
  explicit OutputFolder(std::string path) : path_(std::move(path)) {
    while (path_.size() > 1 && path_.back() == '/') path_.pop_back();
    temporary_ = path_ + ".partial-" + std::to_string(process_id());
  }
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
    // Before there is something to clean up.
    note_interruptions();
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

// Writes `count` elements a few at a time: get(first, piece) fills a piece, put(piece) writes it.
template <class Element, class Get, class Put>
Status in_pieces(int64_t count, Get get, Put put) {
  std::vector<Element> piece(1 << 16);
  for (int64_t first = 0; first < count; first += std::ssize(piece)) {
    piece.resize(static_cast<size_t>(std::min<int64_t>(std::ssize(piece), count - first)));
    get(first, std::span(piece));
    if (Status status = put(std::span<const Element>(piece)); !status) return status;
  }
  return {};
}

Status write_floats(OutputFile& file, const NamedWeight& weight, Dtype dtype) {
  return in_pieces<float>(
      weight.size(), [&](int64_t first, std::span<float> values) { weight.read(first, values); },
      [&](std::span<const float> values) -> Status {
        if (dtype != Dtype::f16) return file.write(std::as_bytes(values));
        const Result<std::vector<uint16_t>> halves = to_f16(weight, values);
        if (!halves) return halves.error();
        return file.write(std::as_bytes(std::span(*halves)));
      });
}

Status write_integers(OutputFile& file, const NamedWeight& weight) {
  return in_pieces<int8_t>(
      weight.size(),
      [&](int64_t first, std::span<int8_t> values) {
        get_integers(weight.matrix.quantized, weight.order, first, values);
      },
      [&](std::span<const int8_t> values) { return file.write(std::as_bytes(values)); });
}

Status write_scales(OutputFile& file, const QuantizedMatrix& matrix) {
  return in_pieces<float>(
      matrix.outputs * matrix.blocks(),
      [&](int64_t first, std::span<float> values) { get_scales(matrix, first, values); },
      [&](std::span<const float> values) { return file.write(std::as_bytes(values)); });
}

// Everything but the matrices of a q8 file is stored as floats.
bool as_integers(const NamedWeight& weight, Dtype dtype) {
  return dtype == Dtype::i8 && weight.is_quantized();
}
Dtype float_dtype(Dtype dtype) { return dtype == Dtype::i8 ? Dtype::f32 : dtype; }

// What the file holds of a weight: one tensor, or two where it is quantized.
std::vector<SafetensorsEntry> entries_of(const NamedWeight& weight, Dtype dtype) {
  SafetensorsEntry entry;
  entry.name = stored_name(weight.name);
  entry.shape = weight.shape;
  entry.dtype = float_dtype(dtype);
  if (!as_integers(weight, dtype)) return {entry};
  entry.dtype = Dtype::i8;
  SafetensorsEntry scales;
  scales.name = entry.name + kScalesSuffix;
  const QuantizedMatrix& matrix = weight.matrix.quantized;
  scales.shape = {matrix.outputs, matrix.blocks()};
  return {entry, scales};
}

// dtype: f32, f16, or i8 for a q8 file, which needs weights that are held so.
Status write_weights(const std::string& path, const Weights& weights, Dtype dtype) {
  std::vector<SafetensorsEntry> entries;
  for (const NamedWeight& weight : weights.named) {
    for (SafetensorsEntry& entry : entries_of(weight, dtype)) entries.push_back(std::move(entry));
  }
  // Hugging Face's loader insists on a "format".
  std::map<std::string, std::string> metadata = {{"format", "pt"}};
  if (dtype == Dtype::i8) metadata[kQ8Key] = std::to_string(QuantizedMatrix::kBlock);
  Result<OutputFile> file = OutputFile::create(path);
  if (!file) return file.error();
  if (Status status = file->write(make_safetensors_header(entries, metadata)); !status) {
    return status;
  }
  for (const NamedWeight& weight : weights.named) {
    const bool integers = as_integers(weight, dtype);
    Status status =
        integers ? write_integers(*file, weight) : write_floats(*file, weight, float_dtype(dtype));
    if (status && integers) status = write_scales(*file, weight.matrix.quantized);
    if (!status) return status;
  }
  return file->finish();
}

}  // namespace

Status convert(const Arguments& arguments) {
  const std::map<std::string, Dtype> dtypes = {
      {"f32", Dtype::f32}, {"f16", Dtype::f16}, {"q8", Dtype::i8}};
  const std::string name = arguments.text("--dtype");
  const auto dtype = dtypes.find(name);
  if (dtype == dtypes.end()) {
    return Error{ErrorCode::bad_option, "convert needs --dtype f32, f16 or q8" +
                                            (name.empty() ? "" : "; it cannot write " + name)};
  }
  const std::string& from = arguments.operand(0);
  // A q8 file stays as it is in memory, and is made into floats while it is written.
  const Result<LoadedModel> loaded =
      load_model(from, dtype->second == Dtype::i8 ? std::optional(Storage::q8) : std::nullopt);
  if (!loaded) return loaded.error();
  OutputFolder out(arguments.operand(1));
  if (Status status = out.create(); !status) return status;
  std::vector<std::string> files = tokenizer_files(from);
  files.insert(files.begin(), "config.json");
  for (const std::string& file : files) {
    if (Status status = copy_file(from + "/" + file, out.file(file)); !status) return status;
  }
  const Status status =
      write_weights(out.file("model.safetensors"), loaded->model.weights, dtype->second);
  if (!status) {
    if (status.error().code == ErrorCode::io) return status;
    return Error{status.error().code, from + "/" + status.error().message};
  }
  return out.finish();
}

}  // namespace glassformer::cli
