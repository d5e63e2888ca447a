// glassformer-nano trains the nano model, and measures how well a model sorts. Exit 0; 2 for wrong
// usage; 1 for bad input, with one line on standard error.
#include <cstdio>
#include <filesystem>

#include "core/quote.h"
#include "tools/cli/arguments.h"
#include "tools/cli/files.h"
#include "tools/cli/model_folder.h"
#include "tools/nano/evaluate.h"
#include "tools/nano/model_files.h"
#include "tools/nano/train.h"

namespace glassformer::nano {
namespace {

using cli::Arguments;
using cli::Usage;

const Usage kTrain = {
    .verb = "train",
    .operands = {"FOLDER"},
    .options = {{"--blocks", "N", "2"},
                {"--heads", "N", "of each block: 2"},
                {"--width", "N", "16"},
                {"--inner", "N", "width of the MLP: 64"},
                {"--steps", "N", "of 64 texts: 40000"},
                {"--seed", "N", "of the initial weights and of the texts: 1"}},
    .about = "train a model that sorts letters, and write it to FOLDER",
    .program = "glassformer-nano",
};

const Usage kEvaluate = {
    .verb = "evaluate",
    .operands = {"MODEL"},
    .options = {{"--count", "N", "prompts of each length: 1000"}},
    .about = "how many held-out prompts the model sorts, letter by letter to the end of the text",
    .program = "glassformer-nano",
};

Status train(const Arguments& arguments) {
  Recipe recipe;
  std::pair<const char*, int*> sizes[] = {{"--blocks", &recipe.blocks},
                                          {"--heads", &recipe.heads},
                                          {"--width", &recipe.width},
                                          {"--inner", &recipe.inner},
                                          {"--steps", &recipe.steps}};
  for (auto& [option, size] : sizes) {
    const Result<int64_t> value = arguments.whole_number(option, *size, 1, 1'000'000);
    if (!value) return value.error();
    *size = static_cast<int>(*value);
  }
  const Result<int64_t> seed = arguments.whole_number("--seed", 1, 0, INT64_MAX);
  if (!seed) return seed.error();
  recipe.seed = static_cast<uint64_t>(*seed);
  if (recipe.width % recipe.heads != 0) {
    return Error{ErrorCode::bad_option, "--width must be divisible by --heads"};
  }

  // Before training, not after it.
  const std::string folder = arguments.operand(0);
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) return Error{ErrorCode::io, quoted(folder) + ": " + failure.message()};

  double loss = 0;
  const std::vector<float> weights = train(recipe, [&](int step, double step_loss) {
    constexpr int kShown = 1000;
    loss += step_loss / kShown;
    if (step % kShown != 0) return;
    std::fprintf(stderr, "step %d: loss %.4f\n", step, loss);
    loss = 0;
  });
  const Config config = recipe.config();
  return write_model(folder, config, Parameters(config), weights, recipe.task.spellings());
}

Status evaluate(const Arguments& arguments) {
  const Result<int64_t> count = arguments.whole_number("--count", 1000, 1, 1'000'000);
  if (!count) return count.error();
  const std::string folder = arguments.operand(0);
  const Result<cli::LoadedModel> loaded = cli::load_model(folder);
  if (!loaded) return loaded.error();
  const Sorting task;
  const Config& config = loaded->model.config;
  if (config.vocab_size != task.vocab_size() || config.n_positions < task.n_positions()) {
    return Error{ErrorCode::bad_config, quoted(folder) + " is not a model that sorts letters"};
  }

  std::string table = "letters   of all 26   of 3 at most\n";
  double sums[2] = {};
  for (int length = 1; length <= task.longest; ++length) {
    char line[80];
    double shares[2] = {};
    for (const int i : {0, 1}) {
      const int kinds = i == 0 ? task.letters : 3;
      const Result<int> sorted =
          count_sorted(loaded->model, task, length, kinds, static_cast<int>(*count), /*seed=*/2026);
      if (!sorted) return sorted.error();
      shares[i] = 100.0 * *sorted / static_cast<double>(*count);
      sums[i] += shares[i] / task.longest;
    }
    std::snprintf(line, sizeof line, "%7d %10.2f%% %13.2f%%\n", length, shares[0], shares[1]);
    table += line;
  }
  char line[80];
  std::snprintf(line, sizeof line, "    all %10.2f%% %13.2f%%\n", sums[0], sums[1]);
  return cli::write_standard_output(table + line);
}

struct Verb {
  const Usage& usage;
  Status (*run)(const Arguments& arguments);
};

Status run(std::vector<std::string> words) {
  const Verb verbs[] = {{kTrain, train}, {kEvaluate, evaluate}};
  for (const Verb& verb : verbs) {
    if (words.empty() || verb.usage.verb != words[0]) continue;
    words.erase(words.begin());
    const Result<Arguments> arguments = Arguments::parse(verb.usage, words);
    if (!arguments) return arguments.error();
    if (arguments->wants_help()) return cli::write_standard_output(help_text(verb.usage));
    return verb.run(*arguments);
  }
  return Error{ErrorCode::bad_option,
               "usage: glassformer-nano train FOLDER | evaluate MODEL [--help]"};
}

}  // namespace
}  // namespace glassformer::nano

int main(int count, char** words) {
  using namespace glassformer;
  const Status status = nano::run({words + 1, words + count});
  if (status) return 0;
  std::fprintf(stderr, "glassformer-nano: %s\n", status.error().message.c_str());
  return status.error().code == ErrorCode::bad_option ? 2 : 1;
}
