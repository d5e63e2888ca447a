#include "core/analysis/request.h"

#include "core/analysis/dot_products.h"
#include "core/analysis/reply_form.h"
#include "core/analysis/request_fields.h"
#include "core/json_text.h"
#include "core/names.h"
#include "core/quote.h"

namespace glassformer {
namespace {

using nlohmann::json;
using SharedModel = std::shared_ptr<const Model>;
using Opened = Result<Work<AnalysisReply>>;

// The work, and its result in the form of a reply. Keeps the model alive meanwhile.
template <class T, class Form>
Work<AnalysisReply> replied([[maybe_unused]] SharedModel model, Work<T> work, Form form) {
  while (work.step()) co_yield work.progress();
  const Result<T> result = work.result();
  if (!result) co_return result.error();
  co_return form(*result);
}

template <class T>
Work<AnalysisReply> replied(SharedModel model, Work<T> work) {
  return replied(std::move(model), std::move(work),
                 [](const T& result) { return form_of(result); });
}

// The one tensor that some analyses give.
struct TensorForm {
  const char* name;
  std::vector<int64_t> dims;

  AnalysisReply operator()(const std::vector<float>& data) const {
    return form_of(ReplyTensor{name, dims, data});
  }
};

// What takes no time worth dividing.
Work<AnalysisReply> replied_at_once(Result<AnalysisReply> reply) { co_return reply; }

Opened open_logit_lens(SharedModel model, RequestFields& fields, AnalysisRequest& request) {
  std::vector<int32_t> tokens = fields.ids("tokens");
  LogitLensOptions options{.sublayers = fields.flag("sublayers", false),
                           .top = fields.whole("top", 5),
                           .tracked = fields.optional_ids("tracked"),
                           .edits = std::move(request.edits)};
  if (Status status = fields.finish(); !status) return status.error();
  return replied(model, logit_lens(*model, std::move(tokens), std::move(options)));
}

Opened open_attribution(SharedModel model, RequestFields& fields, AnalysisRequest& request) {
  std::vector<int32_t> tokens = fields.ids("tokens");
  AttributionOptions options{.position = fields.whole("position", -1),
                             .token = fields.optional_id("token"),
                             .against = fields.optional_id("against"),
                             .edits = std::move(request.edits)};
  if (Status status = fields.finish(); !status) return status.error();
  return replied(model, logit_attribution(*model, std::move(tokens), std::move(options)));
}

Opened open_head_scores(SharedModel model, RequestFields& fields, AnalysisRequest& request) {
  std::vector<int32_t> tokens;
  if (fields.has("tokens")) {
    tokens = fields.ids("tokens");
  } else {
    const int length = fields.whole("length", 50), seed = fields.whole("seed", 0);
    if (length < 1) fields.refuse("length must be at least 1");
    tokens = repeated_random_tokens(model->config, length, static_cast<uint64_t>(seed));
  }
  if (Status status = fields.finish(); !status) return status.error();
  return replied(
      model, head_scores(*model, tokens, std::move(request.edits)),
      [model, tokens](const HeadScores& scores) { return form_of(scores, model->config, tokens); });
}

Opened open_rollout(SharedModel model, RequestFields& fields, AnalysisRequest& request) {
  const std::vector<int32_t> tokens = fields.ids("tokens");
  if (Status status = fields.finish(); !status) return status.error();
  const int64_t L = model->config.n_layer, T = std::ssize(tokens);
  return replied(model, attention_rollout(*model, tokens, std::move(request.edits)),
                 TensorForm{"rollout", {L, T, T}});
}

Opened open_dot_products(SharedModel model, RequestFields& fields, AnalysisRequest& request) {
  const std::vector<int32_t> tokens = fields.ids("tokens");
  const int block = fields.whole("block");
  if (Status status = fields.finish(); !status) return status.error();
  const int64_t H = model->config.n_head, T = std::ssize(tokens);
  return replied(model, attention_dot_products(*model, tokens, block, std::move(request.edits)),
                 TensorForm{"dot_products", {H, T, T}});
}

constexpr MetricKind kMetrics[] = {MetricKind::logit_difference, MetricKind::logit,
                                   MetricKind::probability, MetricKind::log_probability,
                                   MetricKind::kl_divergence};

Result<Metric> read_metric(const json& object) {
  RequestFields fields(object);
  std::vector<std::string> names;
  for (const MetricKind kind : kMetrics) names.emplace_back(metric_kind_name(kind));
  Metric metric{.kind = kMetrics[fields.choice("kind", names)]};
  if (metric.kind != MetricKind::kl_divergence) metric.token = fields.whole("token");
  if (metric.kind == MetricKind::logit_difference) metric.against = fields.whole("against");
  metric.position = fields.whole("position", -1);
  if (const Status status = fields.finish(); !status) {
    return Error{status.error().code, "metric: " + status.error().message};
  }
  return metric;
}

Opened open_patching(SharedModel model, RequestFields& fields, AnalysisRequest&) {
  std::vector<int32_t> from = fields.ids("from"), into = fields.ids("into");
  PatchingOptions options{.activation = fields.text("activation", "hook_resid_pre")};
  options.axis =
      fields.choice("axis", {"position", "head"}) == 0 ? PatchAxis::position : PatchAxis::head;
  const json metric_object = fields.object("metric");
  if (Status status = fields.finish(); !status) return status.error();
  const Result<Metric> metric = read_metric(metric_object);
  if (!metric) return metric.error();
  options.metric = *metric;
  return replied(model,
                 activation_patching(*model, std::move(from), std::move(into), std::move(options)));
}

TokenSpace read_space(RequestFields& fields) {
  return fields.choice("space", {"input", "output"}) == 0 ? TokenSpace::input : TokenSpace::output;
}

Opened open_combination(SharedModel model, RequestFields& fields, AnalysisRequest&) {
  const TokenSpace space = read_space(fields);
  std::vector<WeightedToken> tokens;
  for (const json& object : fields.objects("tokens")) {
    RequestFields token(object);
    tokens.push_back({token.whole("id"), token.number("weight")});
    if (const Status status = token.finish(); !status) return status.error();
  }
  if (Status status = fields.finish(); !status) return status.error();
  Result<std::vector<float>> sum = combine_tokens(*model, space, tokens);
  if (!sum) return sum.error();
  return replied_at_once(
      form_of(ReplyTensor{"direction", {model->config.n_embd}, *std::move(sum)}));
}

Opened open_nearest(SharedModel model, RequestFields& fields, AnalysisRequest& request) {
  NearestOptions options{.space = read_space(fields),
                         .cosine = fields.choice("by", {"cosine", "dot"}) == 0,
                         .top = fields.whole("top", 10),
                         .exclude = fields.optional_ids("exclude")};
  if (Status status = fields.finish(); !status) return status.error();
  return replied(model, nearest_tokens(*model, std::move(request.values), std::move(options)));
}

Opened open_components(SharedModel model, RequestFields& fields, AnalysisRequest& request) {
  const std::vector<int64_t> dims = fields.indices("dims");
  const int components = fields.whole("components", 2);
  const bool fits = dims.size() == 2 && dims[0] > 0 && dims[1] > 0 &&
                    dims[0] * dims[1] == std::ssize(request.values);
  if (!fits) fields.refuse("vectors need two dimensions: how many, and of how many numbers each");
  if (Status status = fields.finish(); !status) return status.error();
  return replied(model, principal_components(std::move(request.values), dims[1], components));
}

Opened open_text_loss(SharedModel model, RequestFields& fields, AnalysisRequest& request) {
  std::vector<int32_t> tokens = fields.ids("tokens");
  TextLossOptions options{.stride = fields.optional_id("stride"),
                          .edits = std::move(request.edits)};
  if (Status status = fields.finish(); !status) return status.error();
  return replied(model, text_loss(*model, std::move(tokens), std::move(options)));
}

Opened open_explanation(SharedModel model, RequestFields& fields, AnalysisRequest& request) {
  std::vector<int32_t> tokens = fields.ids("tokens");
  std::string name = fields.text("name");
  std::vector<int64_t> index = fields.indices("index");
  ExplainOptions options{.terms = fields.whole("terms", 20), .edits = std::move(request.edits)};
  if (Status status = fields.finish(); !status) return status.error();
  return replied(model, explain(*model, std::move(tokens), std::move(name), std::move(index),
                                std::move(options)));
}

struct Kind {
  const char* name;
  Opened (*open)(SharedModel, RequestFields&, AnalysisRequest&);
};
constexpr Kind kKinds[] = {
    {"logit_lens", open_logit_lens},
    {"logit_attribution", open_attribution},
    {"head_scores", open_head_scores},
    {"attention_rollout", open_rollout},
    {"attention_dot_products", open_dot_products},
    {"activation_patching", open_patching},
    {"token_combination", open_combination},
    {"nearest_tokens", open_nearest},
    {"principal_components", open_components},
    {"text_loss", open_text_loss},
    {"explain", open_explanation},
};

}  // namespace

Opened open_analysis(SharedModel model, AnalysisRequest request) {
  const Result<json> parsed = parse_json(request.json, "the request", ErrorCode::bad_option);
  if (!parsed) return parsed.error();
  RequestFields fields(*parsed);
  const std::string name = fields.text("kind");
  std::vector<std::string> names;
  for (const Kind& kind : kKinds) {
    if (kind.name == name) return kind.open(std::move(model), fields, request);
    names.emplace_back(kind.name);
  }
  if (const Status status = fields.finish(); name.empty() && !status) return status.error();
  return Error{ErrorCode::bad_option, "there is no analysis " + quoted(name) +
                                          "; the nearest is \"" + nearest_name(name, names) + "\""};
}

}  // namespace glassformer
