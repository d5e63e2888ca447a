#include "tools/cli/tensors_file.h"

#include "core/safetensors.h"
#include "tools/cli/output_file.h"

namespace glassformer::cli {

Status write_tensors(std::span<const NamedTensor> tensors,
                     const std::map<std::string, std::string>& metadata, const std::string& path) {
  std::vector<SafetensorsEntry> entries;
  for (const NamedTensor& tensor : tensors) {
    SafetensorsEntry entry;
    entry.name = tensor.name;
    entry.shape = tensor.dims;
    entries.push_back(std::move(entry));
  }
  Result<OutputFile> file = OutputFile::create(path);
  if (!file) return file.error();
  if (Status status = file->write(make_safetensors_header(entries, metadata)); !status) {
    return status;
  }
  for (const NamedTensor& tensor : tensors) {
    if (Status status = file->write(std::as_bytes(tensor.values)); !status) return status;
  }
  return file->finish();
}

}  // namespace glassformer::cli
