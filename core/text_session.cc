#include "core/text_session.h"

namespace glassformer {

TextSession::TextSession(std::shared_ptr<const Model> model, KvCache cache)
    : model_(std::move(model)), cache_(std::make_unique<KvCache>(std::move(cache))) {}

Result<TextSession> TextSession::create(std::shared_ptr<const Model> model, int capacity) {
  Result<KvCache> cache = KvCache::create(model->config, capacity);
  if (!cache) return cache.error();
  return TextSession(std::move(model), *std::move(cache));
}

Status TextSession::begin(std::span<const int32_t> tokens, const RunOptions& options) {
  pass_.reset();
  if (cache_->length() > 0 && version_ != model_->weights.version) {
    return Error{ErrorCode::bad_option,
                 "the weights have changed since this text was begun; begin it again"};
  }
  version_ = model_->weights.version;
  wanted_.assign(tokens.begin(), tokens.end());
  Result<ForwardPass> pass = ForwardPass::create(*model_, *cache_, wanted_, options);
  if (!pass) return pass.error();
  pass_.emplace(*std::move(pass));
  return {};
}

bool TextSession::step() {
  if (pass_->step()) return true;
  const ConstTensorView logits = pass_->logits();
  const std::span<const float> last = logits.row(logits.rows() - 1);
  logits_.assign(last.begin(), last.end());
  if (tokens_.empty()) prompt_ = wanted_.size();
  tokens_.insert(tokens_.end(), wanted_.begin(), wanted_.end());
  return false;
}

SamplingContext TextSession::context() const {
  return {std::span(tokens_).first(prompt_), std::span(tokens_).subspan(prompt_)};
}

Result<TextSession> TextSession::fork() const {
  Result<TextSession> session = create(model_, cache_->capacity());
  if (!session) return session;
  session->cache_->copy(*cache_);
  session->tokens_ = tokens_;
  session->prompt_ = prompt_;
  session->logits_ = logits_;
  session->version_ = version_;
  return session;
}

}  // namespace glassformer
