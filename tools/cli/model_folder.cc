#include "tools/cli/model_folder.h"

#include "core/grouped_number.h"
#include "tools/cli/files.h"

namespace glassformer::cli {
namespace {

// Core's messages about files begin with the file's name.
Error in_folder(const std::string& folder, Error error) {
  error.message = folder + "/" + error.message;
  return error;
}

Result<Tokenizer> parse_tokenizer(const std::string& folder) {
  const std::string vocab = folder + "/vocab.json", merges = folder + "/merges.txt";
  if ((is_file(vocab) && is_file(merges)) || !is_file(folder + "/tokenizer.json")) {
    const Result<std::string> vocab_json = read_file(vocab);
    if (!vocab_json) return vocab_json.error();
    const Result<std::string> merges_txt = read_file(merges);
    if (!merges_txt) return merges_txt.error();
    Result<Tokenizer> tokenizer = Tokenizer::from_vocab_and_merges(*vocab_json, *merges_txt);
    if (!tokenizer) return in_folder(folder, tokenizer.error());
    return tokenizer;
  }
  const Result<std::string> json = read_file(folder + "/tokenizer.json");
  if (!json) return json.error();
  Result<Tokenizer> tokenizer = Tokenizer::from_tokenizer_json(*json);
  if (!tokenizer) return in_folder(folder, tokenizer.error());
  return tokenizer;
}

}  // namespace

Result<Config> load_config(const std::string& folder) {
  constexpr uint64_t kMostBytes = 1 << 20;
  const Result<std::string> json = read_file(folder + "/config.json", kMostBytes);
  if (!json) return json.error();
  Result<Config> config = parse_config(*json);
  if (!config) return in_folder(folder, config.error());
  return config;
}

Result<LoadedModel> load_model(const std::string& folder, std::optional<Storage> storage) {
  Result<Config> config = load_config(folder);
  if (!config) return config.error();
  uint64_t file_bytes = 0;
  std::optional<WeightsReader> reader;
  const Status status = read_in_pieces(folder + "/model.safetensors", file_bytes,
                                       [&](std::span<const std::byte> piece) -> Status {
                                         if (!reader) reader.emplace(*config, file_bytes, storage);
                                         return reader->feed(piece);
                                       });
  if (!status) {
    if (status.error().code == ErrorCode::io) return status.error();
    return in_folder(folder, status.error());
  }
  if (!reader) reader.emplace(*config, file_bytes, storage);  // an empty file
  Result<Weights> weights = reader->finish();
  if (!weights) return in_folder(folder, weights.error());
  return LoadedModel{{*std::move(config), *std::move(weights)}, file_bytes};
}

Result<Tokenizer> load_tokenizer(const std::string& folder) {
  Result<Tokenizer> tokenizer = parse_tokenizer(folder);
  if (!tokenizer || !is_file(folder + "/config.json")) return tokenizer;
  const Result<Config> config = load_config(folder);
  if (!config) return config.error();
  if (tokenizer->vocab_size() > config->vocab_size) {
    const bool has_both = is_file(folder + "/vocab.json") && is_file(folder + "/merges.txt");
    const std::string file = has_both ? "vocab.json" : "tokenizer.json";
    return Error{ErrorCode::bad_tokenizer,
                 folder + "/" + file + ": has ids up to " +
                     grouped(static_cast<uint64_t>(tokenizer->vocab_size() - 1)) +
                     ", but vocab_size in config.json is " +
                     grouped(static_cast<uint64_t>(config->vocab_size))};
  }
  return tokenizer;
}

std::vector<std::string> tokenizer_files(const std::string& folder) {
  std::vector<std::string> files;
  for (const char* name : {"vocab.json", "merges.txt", "tokenizer.json", "tokenizer_config.json",
                           "special_tokens_map.json"}) {
    if (is_file(folder + "/" + name)) files.emplace_back(name);
  }
  return files;
}

}  // namespace glassformer::cli
