#include "core/analysis/dot_products.h"

#include <limits>

#include "core/analysis/own_run.h"

namespace glassformer {

Work<std::vector<float>> attention_dot_products(const Model& model, std::vector<int32_t> tokens,
                                                int block, std::vector<Edit> edits) {
  const Config& config = model.config;
  if (block < 0 || block >= config.n_layer) {
    co_return Error{ErrorCode::bad_option, "block must be 0 to " +
                                               std::to_string(config.n_layer - 1) + ", not " +
                                               std::to_string(block)};
  }
  const std::vector<std::string> names = {activation_name({Hook::q, block}),
                                          activation_name({Hook::k, block})};
  Result<OwnRun> run = begin_run(model, tokens,
                                 {.names = names,
                                  .stop_at_layer = block + 1,
                                  .edits = std::move(edits),
                                  .logits = LogitRows::none});
  if (!run) co_return run.error();
  const int total = run->pass.stages() + config.n_head;
  while (run->step()) co_yield {run->pass.stages_done(), total};

  const float* q = run->get(Hook::q, block).data;
  const float* k = run->get(Hook::k, block).data;
  const int64_t T = std::ssize(tokens), H = config.n_head, D = config.head_width();
  std::vector<float> products;
  products.reserve(static_cast<size_t>(H * T * T));
  for (int64_t h = 0; h < H; ++h) {
    for (int64_t t = 0; t < T; ++t) {
      const float* query = q + (t * H + h) * D;
      for (int64_t s = 0; s <= t; ++s) {
        const float* key = k + (s * H + h) * D;
        double product = 0;
        for (int64_t d = 0; d < D; ++d) product += double{query[d]} * double{key[d]};
        products.push_back(static_cast<float>(product));
      }
      products.insert(products.end(), static_cast<size_t>(T - 1 - t),
                      -std::numeric_limits<float>::infinity());
    }
    co_yield {run->pass.stages() + static_cast<int>(h) + 1, total};
  }
  co_return products;
}

}  // namespace glassformer
