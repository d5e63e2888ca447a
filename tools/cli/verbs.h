// What the program can do. A verb's function is called with arguments that fit its usage.
#pragma once

#include <span>

#include "core/result.h"
#include "tools/cli/arguments.h"

namespace glassformer::cli {

struct Verb {
  Usage usage;
  Status (*run)(const Arguments& arguments);
};

std::span<const Verb> verbs();

Status info(const Arguments& arguments);
Status tokenize(const Arguments& arguments);
Status detokenize(const Arguments& arguments);
Status trace(const Arguments& arguments);
Status analyze(const Arguments& arguments);
Status generate(const Arguments& arguments);
Status convert(const Arguments& arguments);
Status bench(const Arguments& arguments);

}  // namespace glassformer::cli
