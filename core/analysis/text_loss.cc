#include "core/analysis/text_loss.h"

#include <algorithm>
#include <cmath>

#include "core/analysis/own_run.h"
#include "core/distribution.h"
#include "core/ranking.h"

namespace glassformer {
namespace {

// Rows of logits that are in memory at a time: 64 of GPT-2 are 13 MB, all of a context 206.
constexpr int64_t kRowsTogether = 64;

void score(TextLoss& loss, std::span<const float> logits, int32_t token) {
  const double logit = logits[static_cast<size_t>(token)];
  const double value = log_sum_exp(logits) - logit;
  loss.losses.push_back(static_cast<float>(value));
  loss.probabilities.push_back(std::exp(-value));
  loss.ranks.push_back(Ranking(logits).rank(token));
}

Status check(const Config& config, const std::vector<int32_t>& tokens,
             const TextLossOptions& options) {
  if (tokens.size() < 2) {
    return Error{ErrorCode::bad_tokens,
                 "a text needs two tokens to be predicted, because its first one is not"};
  }
  if (options.stride && (*options.stride < 1 || *options.stride >= config.n_positions)) {
    return Error{ErrorCode::bad_option, "stride must be 1 to " +
                                            std::to_string(config.n_positions - 1) + ", not " +
                                            std::to_string(*options.stride)};
  }
  return {};
}

}  // namespace

Work<TextLoss> text_loss(const Model& model, std::vector<int32_t> tokens, TextLossOptions options) {
  const Config& config = model.config;
  if (const Status status = check_edits_end_in_blocks(options.edits); !status) {
    co_return status.error();
  }
  if (const Status status = check(config, tokens, options); !status) co_return status.error();
  const int64_t N = std::ssize(tokens),
                stride = options.stride.value_or(std::max(1, config.n_positions / 2));
  const int total = static_cast<int>(N - 1);

  TextLoss loss;
  const auto predicted = [&] { return static_cast<int64_t>(loss.losses.size()) + 1; };
  for (int64_t begin = 0; predicted() < N; begin += stride) {
    const int64_t size = std::min<int64_t>(N - begin, config.n_positions);
    const auto window =
        std::span(tokens).subspan(static_cast<size_t>(begin), static_cast<size_t>(size));
    // The window's last token predicts one beyond it.
    const bool whole = begin + size == N;
    const std::string last = activation_name({Hook::resid_post, config.n_layer - 1});
    Result<OwnRun> run = begin_run(
        model, window, {.names = {last}, .edits = options.edits, .logits = LogitRows::none});
    if (!run) co_return run.error();
    while (run->step()) co_yield {static_cast<int>(loss.losses.size()), total};
    const ConstTensorView stream = run->get(Hook::resid_post, config.n_layer - 1);
    const int64_t end = whole ? size - 1 : size;
    for (int64_t t = predicted() - 1 - begin; t < end; t += kRowsTogether) {
      const int64_t rows = std::min(kRowsTogether, end - t);
      const Result<OwnRun> logits =
          unembed(model, view2<const float>(stream.row(t).data(), rows, stream.columns()));
      if (!logits) co_return logits.error();
      for (int64_t row = 0; row < rows; ++row) {
        score(loss, logits->pass.logits().row(row),
              tokens[static_cast<size_t>(begin + t + row + 1)]);
      }
      co_yield {static_cast<int>(loss.losses.size()), total};
    }
  }
  double sum = 0;
  for (const float value : loss.losses) sum += double{value};
  loss.mean = sum / static_cast<double>(total);
  loss.perplexity = std::exp(loss.mean);
  loss.log_probability = -sum;
  loss.probability = std::exp(-sum);
  co_return loss;
}

}  // namespace glassformer
