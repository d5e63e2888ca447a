#include <nlohmann/json.hpp>

#include "core/grouped_number.h"
#include "core/sampler.h"
#include "core/utf8.h"
#include "tools/cli/files.h"
#include "tools/cli/model_folder.h"
#include "tools/cli/run_input.h"
#include "tools/cli/threads_option.h"
#include "tools/cli/verbs.h"

namespace glassformer::cli {
namespace {

using nlohmann::ordered_json;

struct GenerateOptions {
  int64_t max_tokens = 0;
  int64_t samples = 1;
  std::string stop;  // ends the text where it is not empty
  SamplingOptions sampling;
  std::vector<Edit> edits;
};

Result<GenerateOptions> options_of(const Arguments& arguments) {
  GenerateOptions options;
  const Result<int64_t> max_tokens = arguments.whole_number("--max-tokens", 50, 0, 1 << 30);
  const Result<int64_t> top_k = arguments.whole_number("--top-k", 0, 0, 1 << 30);
  const Result<int64_t> seed = arguments.whole_number("--seed", 0, 0, INT64_MAX);
  const Result<float> temperature = arguments.number("--temperature", 1);
  const Result<float> top_p = arguments.number("--top-p", 1);
  const Result<float> min_p = arguments.number("--min-p", 0);
  const Result<float> repetition = arguments.number("--repetition-penalty", 1);
  const Result<float> frequency = arguments.number("--frequency-penalty", 0);
  const Result<float> presence = arguments.number("--presence-penalty", 0);
  const Result<int64_t> samples = arguments.whole_number("--samples", 1, 1, 1 << 20);
  for (const Result<int64_t>* number : {&max_tokens, &top_k, &seed, &samples}) {
    if (!*number) return number->error();
  }
  for (const Result<float>* number :
       {&temperature, &top_p, &min_p, &repetition, &frequency, &presence}) {
    if (!*number) return number->error();
  }
  options.max_tokens = *max_tokens;
  options.samples = *samples;
  options.stop = arguments.text("--stop");
  if (arguments.has("--stop") && options.stop.empty()) {
    return Error{ErrorCode::bad_option, "--stop needs a text that is not empty"};
  }
  options.sampling = {.temperature = *temperature,
                      .top_k = static_cast<int>(*top_k),
                      .top_p = *top_p,
                      .min_p = *min_p,
                      .repetition_penalty = *repetition,
                      .frequency_penalty = *frequency,
                      .presence_penalty = *presence,
                      .seed = static_cast<uint64_t>(*seed)};
  if (Status status = check_sampling(options.sampling); !status) return status.error();
  return options;
}

// How many bytes at the end of a text are the beginning of a character that may still be completed.
size_t unfinished_bytes(std::string_view text) {
  for (size_t length = 1; length <= std::min<size_t>(3, text.size()); ++length) {
    const auto lead = static_cast<unsigned char>(text[text.size() - length]);
    if ((lead & 0xC0) == 0x80) continue;  // a continuation byte: its lead is further left
    const size_t whole = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    return length < whole ? length : 0;
  }
  return 0;
}

enum class Finish { text_ended, enough, context_full };

// One token after the other, each handed to `take` with its probability, which says whether to go
// on, and may fail.
template <class Take>
Result<Finish> generate_tokens(const Model& model, const std::vector<int32_t>& prompt,
                               const GenerateOptions& options, Take take) {
  Result<KvCache> cache = KvCache::create(model.config);
  if (!cache) return cache.error();
  std::vector<int32_t> next = prompt, generated;
  for (int64_t step = 0; step < options.max_tokens; ++step) {
    if (cache->length() == cache->capacity()) return Finish::context_full;
    const Result<ForwardPass> pass = run(model, *cache, next, {.edits = options.edits});
    if (!pass) return pass.error();
    const Result<NextToken> drawn =
        sample_next(pass->logits().row(0), options.sampling, static_cast<uint64_t>(cache->length()),
                    0, {prompt, generated});
    if (!drawn) return drawn.error();
    const Candidate& chosen = drawn->chosen;
    const Result<bool> goes_on = take(chosen.id, chosen.probability);
    if (!goes_on) return goes_on.error();
    if (!*goes_on || model.config.eos_token_id == chosen.id) return Finish::text_ended;
    next = {chosen.id};
    generated.push_back(chosen.id);
  }
  return Finish::enough;
}

// An empty text begins where the model's training texts did: after the end of another.
Result<std::vector<int32_t>> prompt_tokens(const Tokenizer& tokenizer, const Config& config,
                                           const std::string& prompt) {
  Result<std::vector<int32_t>> tokens = tokenizer.encode(prompt);
  if (!tokens) return Error{tokens.error().code, "--prompt: " + tokens.error().message};
  if (!tokens->empty()) return tokens;
  if (config.bos_token_id) return std::vector<int32_t>{*config.bos_token_id};
  return Error{ErrorCode::bad_tokens,
               "--prompt is empty, and the model has no bos_token_id to begin with"};
}

// One continuation, printed while it is made unless all of it is wanted as JSON.
class Sample {
 public:
  Sample(const Tokenizer& tokenizer, const Config& config, const std::string& stop, bool prints)
      : tokenizer_(tokenizer), config_(config), stop_(stop), prints_(prints) {}

  // Whether to go on after this token.
  Result<bool> take(int32_t token, float probability) {
    const std::string bytes(tokenizer_.bytes_of(token));
    tokens_.push_back({{"id", token}, {"text", bytes}, {"probability", probability}});
    if (config_.eos_token_id == token) return false;
    // The stop text may have begun in earlier tokens.
    const size_t from = text_.size() - std::min(text_.size(), stop_.size());
    text_ += bytes;
    const size_t place = stop_.empty() ? std::string::npos : text_.find(stop_, from);
    if (place != std::string::npos) text_.resize(place);
    const bool stopped = place != std::string::npos;
    if (Status status = print(stopped ? text_.size() : certain()); !status) return status.error();
    return !stopped;
  }

  // What was held back.
  Status finish() { return print(text_.size()); }

  const ordered_json& tokens() const { return tokens_; }
  const std::string& text() const { return text_; }

 private:
  // The bytes that are whole characters and no beginning of the stop text.
  size_t certain() const {
    const size_t held = stop_.empty() ? 0 : std::min(text_.size(), stop_.size() - 1);
    const std::string_view sure = std::string_view(text_).substr(0, text_.size() - held);
    return std::max(printed_, sure.size() - unfinished_bytes(sure));
  }
  Status print(size_t end) {
    if (!prints_ || end <= printed_) return {};
    const std::string part = text_.substr(printed_, end - printed_);
    printed_ = end;
    return write_standard_output(part);
  }

  const Tokenizer& tokenizer_;
  const Config& config_;
  const std::string& stop_;
  const bool prints_;
  ordered_json tokens_ = ordered_json::array();
  std::string text_;
  size_t printed_ = 0;
};

}  // namespace

Status generate(const Arguments& arguments) {
  if (const Status status = use_threads(arguments); !status) return status;
  if (Status status = check_edit_files(arguments); !status) return status;
  Result<GenerateOptions> options = options_of(arguments);
  if (!options) return options.error();
  if (!arguments.has("--prompt"))
    return Error{ErrorCode::bad_option, "generate needs --prompt TEXT"};
  const std::string prompt = arguments.text("--prompt");
  const Result<Tokenizer> tokenizer = load_tokenizer(arguments.operand(0));
  if (!tokenizer) return tokenizer.error();
  Result<LoadedModel> loaded = load_model(arguments.operand(0));
  if (!loaded) return loaded.error();
  if (Status status = edit_weights(arguments, loaded->model); !status) return status;
  Result<EditsFile> edits = edits_of(arguments, loaded->model.config);
  if (!edits) return edits.error();
  options->edits = std::move(edits->edits);
  const Config& config = loaded->model.config;
  const Result<std::vector<int32_t>> tokens = prompt_tokens(*tokenizer, config, prompt);
  if (!tokens) return tokens.error();

  const bool as_json = arguments.has("--json");
  ordered_json all = ordered_json::array();
  for (int64_t i = 0; i < options->samples; ++i) {
    Sample sample(*tokenizer, config, options->stop, !as_json);
    if (i > 0) ++options->sampling.seed;
    const Result<Finish> finish = generate_tokens(
        loaded->model, *tokens, *options,
        [&](int32_t token, float probability) { return sample.take(token, probability); });
    if (!finish) {
      // What has been printed is a line of its own; the message begins another.
      if (!as_json && !sample.text().empty()) std::fputs("\n", stdout);
      if (finish.error().code == ErrorCode::io) return finish.error();
      return Error{finish.error().code, arguments.operand(0) + ": " + finish.error().message};
    }
    if (Status status = sample.finish(); !status) return status;
    const bool last = i + 1 == options->samples;
    if (!as_json) {
      // A blank line between samples.
      if (Status status = write_standard_output(last ? "\n" : "\n\n"); !status) return status;
    }
    if (*finish == Finish::context_full) {
      std::fprintf(
          stderr, "glassformer: stopped after %zu tokens: the model's context of %s is full\n",
          sample.tokens().size(), grouped(static_cast<uint64_t>(config.n_positions)).c_str());
    }
    all.push_back({{"tokens", sample.tokens()}, {"text", sample.text()}});
  }
  if (!as_json) return {};
  ordered_json output = {{"prompt", prompt}, {"prompt_tokens", *tokens}};
  if (options->samples == 1) {
    output.update(all[0]);
  } else {
    output["samples"] = all;
  }
  return write_standard_output(output.dump(-1, ' ', false, ordered_json::error_handler_t::replace) +
                               "\n");
}

}  // namespace glassformer::cli
