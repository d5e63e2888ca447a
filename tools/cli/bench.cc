// How fast this machine runs a model, beside what it could do at best.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/grouped_number.h"
#include "tools/cli/files.h"
#include "tools/cli/model_folder.h"
#include "tools/cli/peaks.h"
#include "tools/cli/stopwatch.h"
#include "tools/cli/synthetic_model.h"
#include "tools/cli/threads_option.h"
#include "tools/cli/verbs.h"

namespace glassformer::cli {
namespace {

using nlohmann::ordered_json;

struct Peaks {
  double flops = 0;  // in a second
  double bytes = 0;  // read in a second
};

struct Measurement {
  std::string name;  // "prefill 64"
  double seconds = 0;
  double share = 0;  // of the peak that bounds it
};

// One line that the next one overwrites, for a person who waits.
void show_progress(const std::string& text) {
  if (isatty(STDERR_FILENO)) std::fprintf(stderr, "\r\033[K%s", text.c_str());
}

// The median of several runs, after one that is not counted.
double median_seconds(int runs, const std::function<void()>& run) {
  run();
  std::vector<double> seconds;
  for (int i = 0; i < runs; ++i) {
    const Stopwatch watch;
    run();
    seconds.push_back(watch.seconds());
  }
  std::sort(seconds.begin(), seconds.end());
  return seconds[seconds.size() / 2];
}

// Multiplications and additions by the matrices of the blocks, and of one row of logits.
double matrix_flops(const Config& config, int tokens) {
  const double C = config.n_embd, F = config.n_inner;
  const double block = 2 * (4 * C * C + 2 * C * F);
  return tokens * config.n_layer * block + 2 * C * config.vocab_size;
}

std::vector<int32_t> some_tokens(const Config& config, int count) {
  std::vector<int32_t> tokens;
  for (int i = 0; i < count; ++i) {
    tokens.push_back(static_cast<int32_t>(int64_t{i} * 7919 % config.vocab_size));
  }
  return tokens;
}

Result<std::vector<Measurement>> measure(const Model& model, const Peaks& peaks) {
  std::vector<Measurement> measurements;
  Result<KvCache> made = KvCache::create(model.config);
  if (!made) return made.error();
  KvCache& cache = *made;
  std::optional<Error> failure;
  const auto pass = [&](std::span<const int32_t> tokens, int past, const RunOptions& options) {
    cache.truncate(past);
    const Result<ForwardPass> done = run(model, cache, tokens, options);
    if (!done) failure = done.error();
  };
  RunOptions attention{.names = {"*attn_scores", "*pattern"}};
  for (const int count : {6, 16, 64, 128}) {
    if (count > model.config.n_positions) break;
    show_progress(storage_name(model.weights.storage) + std::string(", ") + std::to_string(count) +
                  " tokens");
    const std::vector<int32_t> tokens = some_tokens(model.config, count);
    const double seconds = median_seconds(5, [&] { pass(tokens, 0, attention); });
    if (failure) return *failure;
    measurements.push_back({"attention of " + std::to_string(count) + " tokens", seconds,
                            matrix_flops(model.config, count) / seconds / peaks.flops});
  }
  const std::vector<int32_t> next = {1};
  const int past = std::min({cache.length(), 6, model.config.n_positions - 1});
  const double seconds = median_seconds(24, [&] { pass(next, past, {}); });
  if (failure) return *failure;
  // Of the embeddings one row is read; a tied head is read whole.
  const double bytes = static_cast<double>(model.weights.bytes());
  measurements.push_back({"one more token", seconds, bytes / seconds / peaks.bytes});
  show_progress("");
  return measurements;
}

std::string table(const std::vector<Measurement>& measurements, Storage storage, uint64_t bytes) {
  char line[160];
  std::snprintf(line, sizeof line, "\n%s, %s bytes of weights\n", storage_name(storage),
                grouped(bytes).c_str());
  std::string text = line;
  for (const Measurement& measurement : measurements) {
    std::snprintf(line, sizeof line, "  %-26s %9.2f ms   %3.0f%% of the machine's peak\n",
                  measurement.name.c_str(), measurement.seconds * 1e3, measurement.share * 100);
    text += line;
  }
  return text;
}

Result<Model> model_for(const std::string& folder, Storage storage) {
  if (folder.empty()) return make_synthetic_model(gpt2_small_config(), storage);
  Result<LoadedModel> loaded = load_model(folder, storage);
  if (!loaded) return loaded.error();
  return (*std::move(loaded)).model;
}

}  // namespace

Status bench(const Arguments& arguments) {
  if (const Status status = use_threads(arguments); !status) return status;
  const std::string folder = arguments.operands() > 0 ? arguments.operand(0) : "";
  bool only_q8 = false;
  if (!folder.empty()) {
    const Result<LoadedModel> loaded = load_model(folder);
    if (!loaded) return loaded.error();
    only_q8 = loaded->model.weights.storage == Storage::q8;
  }
  const Peaks peaks = {measure_multiply_add(), measure_streaming_read()};
  char line[160];
  std::snprintf(line, sizeof line,
                "This machine, one core: %.1f GFLOP/s multiplying and adding, %.1f GB/s reading\n",
                peaks.flops / 1e9, peaks.bytes / 1e9);
  std::string text = line + (folder.empty() ? "A synthetic GPT-2 small" : folder) + "\n";
  ordered_json json = {{"model", folder.empty() ? "synthetic GPT-2 small" : folder},
                       {"multiply_add_flops", peaks.flops},
                       {"streaming_read_bytes", peaks.bytes},
                       {"measurements", ordered_json::array()}};
  for (const Storage storage : {Storage::f32, Storage::q8}) {
    // A q8 file has no exact weights to measure.
    if (storage == Storage::f32 && only_q8) continue;
    const Result<Model> model = model_for(folder, storage);
    if (!model) return model.error();
    const Result<std::vector<Measurement>> measurements = measure(*model, peaks);
    if (!measurements) return measurements.error();
    text += table(*measurements, storage, model->weights.bytes());
    for (const Measurement& measurement : *measurements) {
      json["measurements"].push_back({{"dtype", storage_name(storage)},
                                      {"name", measurement.name},
                                      {"seconds", measurement.seconds},
                                      {"share_of_peak", measurement.share}});
    }
  }
  return write_standard_output(
      arguments.has("--json")
          ? json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n"
          : text);
}

}  // namespace glassformer::cli
