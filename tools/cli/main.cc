// glassformer VERB ...: exit 0; 2 for wrong usage; 1 for bad input, with one line on standard
// error.
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "core/names.h"
#include "core/quote.h"
#include "tools/cli/files.h"
#include "tools/cli/verbs.h"

namespace glassformer::cli {
namespace {

std::string overview() {
  std::string text =
      "glassformer: GPT-2, every number of it.\n\n"
      "  glassformer VERB MODEL [options]\n\n"
      "MODEL is a folder in the Hugging Face layout: config.json, model.safetensors, and\n"
      "vocab.json with merges.txt, or tokenizer.json.\n\n";
  for (const Verb& verb : verbs()) {
    std::string line = "  " + std::string(verb.usage.verb);
    line.resize(14, ' ');
    text += line + std::string(verb.usage.about) + "\n";
  }
  return text +
         "\nglassformer VERB --help says more. Exit status: 0; 1 for bad input; 2 for wrong "
         "usage.\n";
}

// The message on one line, whatever a path in it holds.
void print_error(const std::string& message) {
  std::string line = "glassformer: " + message;
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  std::fprintf(stderr, "%s\n", line.c_str());
}

int exit_status(const Status& status) {
  if (status) return 0;
  print_error(status.error().message);
  return status.error().code == ErrorCode::bad_option ? 2 : 1;
}

Status run(std::vector<std::string> words) {
  if (words.empty()) {
    return Error{ErrorCode::bad_option, "a verb is needed; glassformer --help lists them"};
  }
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    return write_standard_output(overview());
  }
  if (words[0] == "--version") return write_standard_output(GLASSFORMER_VERSION "\n");

  std::vector<std::string> names;
  for (const Verb& verb : verbs()) {
    names.emplace_back(verb.usage.verb);
    if (verb.usage.verb != words[0]) continue;
    words.erase(words.begin());
    const Result<Arguments> arguments = Arguments::parse(verb.usage, words);
    if (!arguments) return arguments.error();
    if (arguments->wants_help()) return write_standard_output(help_text(verb.usage));
    return verb.run(*arguments);
  }
  return Error{ErrorCode::bad_option, "there is no verb " + quoted(words[0]) + "; the nearest is " +
                                          nearest_name(words[0], names)};
}

}  // namespace
}  // namespace glassformer::cli

int main(int count, char** words) {
  // What is large is allocated so that its lack is an error as any other (core/tensor.h). This is
  // for the rest, such as a text on standard input: without exceptions nobody could catch it.
  std::set_new_handler([] {
    std::fputs("glassformer: there is not enough memory\n", stderr);
    std::_Exit(1);
  });
  return glassformer::cli::exit_status(glassformer::cli::run({words + 1, words + count}));
}
