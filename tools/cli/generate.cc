#include <nlohmann/json.hpp>

#include "core/grouped_number.h"
#include "core/sampler.h"
#include "core/utf8.h"
#include "tools/cli/files.h"
#include "tools/cli/model_folder.h"
#include "tools/cli/threads_option.h"
#include "tools/cli/verbs.h"

namespace glassformer::cli {
namespace {

using nlohmann::ordered_json;

struct GenerateOptions {
  int64_t max_tokens = 0;
  SamplingOptions sampling;
};

Result<GenerateOptions> options_of(const Arguments& arguments) {
  GenerateOptions options;
  const Result<int64_t> max_tokens = arguments.whole_number("--max-tokens", 50, 0, 1 << 30);
  const Result<int64_t> top_k = arguments.whole_number("--top-k", 0, 0, 1 << 30);
  const Result<int64_t> seed = arguments.whole_number("--seed", 0, 0, INT64_MAX);
  const Result<float> temperature = arguments.number("--temperature", 1);
  const Result<float> top_p = arguments.number("--top-p", 1);
  if (!max_tokens) return max_tokens.error();
  if (!top_k) return top_k.error();
  if (!seed) return seed.error();
  if (!temperature) return temperature.error();
  if (!top_p) return top_p.error();
  options.max_tokens = *max_tokens;
  options.sampling = {.temperature = *temperature,
                      .top_k = static_cast<int>(*top_k),
                      .top_p = *top_p,
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

// One token after the other, each handed to `take` with its probability; `take` may fail.
template <class Take>
Result<Finish> generate_tokens(const Model& model, std::vector<int32_t> next,
                               const GenerateOptions& options, Take take) {
  Result<KvCache> cache = KvCache::create(model.config);
  if (!cache) return cache.error();
  for (int64_t step = 0; step < options.max_tokens; ++step) {
    if (cache->length() == cache->capacity()) return Finish::context_full;
    const Result<ForwardPass> pass = run(model, *cache, next, {});
    if (!pass) return pass.error();
    const Result<NextToken> drawn = sample_next(pass->logits().row(0), options.sampling,
                                                static_cast<uint64_t>(cache->length()), 0);
    if (!drawn) return drawn.error();
    const Candidate& chosen = drawn->chosen;
    if (Status status = take(chosen.id, chosen.probability); !status) {
      return status.error();
    }
    if (model.config.eos_token_id == chosen.id) return Finish::text_ended;
    next = {chosen.id};
  }
  return Finish::enough;
}

// An empty text begins where the model's training texts did: after the end of another.
Result<std::vector<int32_t>> prompt_tokens(const Tokenizer& tokenizer, const Config& config,
                                           const std::string& prompt) {
  std::vector<int32_t> tokens = tokenizer.encode(prompt);
  if (!tokens.empty()) return tokens;
  if (config.bos_token_id) return std::vector<int32_t>{*config.bos_token_id};
  return Error{ErrorCode::bad_tokens,
               "--prompt is empty, and the model has no bos_token_id to begin with"};
}

}  // namespace

Status generate(const Arguments& arguments) {
  if (const Status status = use_threads(arguments); !status) return status;
  const Result<GenerateOptions> options = options_of(arguments);
  if (!options) return options.error();
  if (!arguments.has("--prompt"))
    return Error{ErrorCode::bad_option, "generate needs --prompt TEXT"};
  const std::string prompt = arguments.text("--prompt");
  const Result<Tokenizer> tokenizer = load_tokenizer(arguments.operand(0));
  if (!tokenizer) return tokenizer.error();
  const Result<LoadedModel> loaded = load_model(arguments.operand(0));
  if (!loaded) return loaded.error();
  const Result<std::vector<int32_t>> tokens =
      prompt_tokens(*tokenizer, loaded->model.config, prompt);
  if (!tokens) return tokens.error();

  const bool as_json = arguments.has("--json");
  ordered_json generated = ordered_json::array();
  std::string text, waiting;
  const Result<Finish> finish = generate_tokens(
      loaded->model, *tokens, *options, [&](int32_t token, float probability) -> Status {
        const std::string bytes(tokenizer->bytes_of(token));
        generated.push_back({{"id", token}, {"text", bytes}, {"probability", probability}});
        if (loaded->model.config.eos_token_id == token) return {};
        text += bytes;
        if (as_json) return {};
        waiting += bytes;
        const size_t ready = waiting.size() - unfinished_bytes(waiting);
        const std::string whole = waiting.substr(0, ready);
        waiting.erase(0, ready);
        return write_standard_output(whole);
      });
  if (!finish) {
    // What has been printed is a line of its own; the message begins another.
    if (!as_json && !text.empty()) std::fputs("\n", stdout);
    if (finish.error().code == ErrorCode::io) return finish.error();
    return Error{finish.error().code, arguments.operand(0) + ": " + finish.error().message};
  }
  if (!as_json) {
    if (Status status = write_standard_output(waiting + "\n"); !status) return status;
  }
  if (*finish == Finish::context_full) {
    std::fprintf(
        stderr, "glassformer: stopped after %zu tokens: the model's context of %s is full\n",
        generated.size(), grouped(static_cast<uint64_t>(loaded->model.config.n_positions)).c_str());
  }
  if (!as_json) return {};
  const ordered_json output = {
      {"prompt", prompt}, {"prompt_tokens", *tokens}, {"tokens", generated}, {"text", text}};
  return write_standard_output(output.dump(-1, ' ', false, ordered_json::error_handler_t::replace) +
                               "\n");
}

}  // namespace glassformer::cli
