// Files of the repository and of the optional data beside it.
#pragma once

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace glassformer::testing_support {

// "" where there is no such file.
inline std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

// A file of the repository, by its path in it.
inline std::string read_repository_file(const std::string& path) {
  return read_file(std::string(GLASSFORMER_SOURCE_DIR) + "/" + path);
}

// The folder with GPT-2's own vocab.json, merges.txt and vectors.json, which is not part of the
// repository.
inline std::string gpt2_tokenizer_folder() {
  const char* folder = std::getenv("GLASSFORMER_GPT2_TOKENIZER");
  return folder ? folder : std::string(GLASSFORMER_SOURCE_DIR) + "/../shared/data/gpt2-tokenizer";
}

}  // namespace glassformer::testing_support
