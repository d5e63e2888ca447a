#include "core/analysis/reply_form.h"

#include <iterator>

#include "core/json_writer.h"

namespace glassformer {
namespace {

JsonObject lens_token_form(const LensToken& token) {
  return JsonObject()
      .add("id", token.id)
      .add("rank", token.rank)
      .add("logit", token.logit)
      .add("probability", token.probability);
}

JsonObject factor_form(const ExplainedFactor& factor) {
  JsonObject form;
  form.add("name", factor.name).add("index", json_array(factor.index)).add("value", factor.value);
  if (!factor.made_of.empty()) form.add("madeOf", factor.made_of);
  return form;
}

void add_sum(JsonObject& form, const ExplainedSum& sum) {
  const auto term_form = [](const ExplainedTerm& term) {
    return JsonObject()
        .add("label", term.label)
        .add("value", term.value)
        .add("factors", json_array(term.factors, factor_form));
  };
  form.add("terms", json_array(sum.terms, term_form))
      .add("others", sum.others)
      .add("othersValue", sum.others_value)
      .add("total", sum.total);
}

}  // namespace

AnalysisReply form_of(const LogitLens& lens) {
  const auto position_form = [](const LensPosition& position) {
    return JsonObject()
        .add("top", json_array(position.top, lens_token_form))
        .add("target", lens_token_form(position.target))
        .add("tracked", json_array(position.tracked, lens_token_form))
        .add("entropy", position.entropy);
  };
  const auto layer_form = [&](const LensLayer& layer) {
    return JsonObject()
        .add("name", layer.name)
        .add("positions", json_array(layer.positions, position_form));
  };
  return {JsonObject().add("layers", json_array(lens.layers, layer_form)).text(), {}};
}

AnalysisReply form_of(const Attribution& attribution) {
  using Kind = AttributionTerm::Kind;
  const auto term_form = [](const AttributionTerm& term) {
    JsonObject form;
    form.add("kind", attribution_kind_name(term.kind));
    const bool in_block =
        term.kind == Kind::head || term.kind == Kind::attention_bias || term.kind == Kind::mlp;
    if (in_block) form.add("block", term.block);
    if (term.kind == Kind::head) form.add("head", term.head);
    return form.add("value", term.value);
  };
  const auto& against = attribution.against;
  return {JsonObject()
              .add("position", attribution.position)
              .add("token", attribution.token)
              .add("against", against ? JsonText(*against) : JsonText(nullptr))
              .add("value", attribution.value)
              .add("terms", json_array(attribution.terms, term_form))
              .add("sum", attribution.sum)
              .add("remainder", attribution.remainder)
              .text(),
          {}};
}

AnalysisReply form_of(const HeadScores& scores, const Config& config,
                      const std::vector<int32_t>& tokens) {
  const std::vector<int64_t> dims = {config.n_layer, config.n_head};
  return {JsonObject()
              .add("tokens", json_array(tokens))
              .add("repeatedPositions", scores.repeated_positions)
              .text(),
          {{"previous", dims, scores.previous},
           {"duplicate", dims, scores.duplicate},
           {"induction", dims, scores.induction}}};
}

AnalysisReply form_of(const Patching& patching) {
  const int64_t rows = std::ssize(patching.values) / patching.columns;
  return {JsonObject().add("from", patching.from).add("into", patching.into).text(),
          {{"values", {rows, patching.columns}, patching.values}}};
}

AnalysisReply form_of(const std::vector<NearToken>& tokens) {
  const auto near_form = [](const NearToken& token) {
    return JsonObject().add("id", token.id).add("similarity", token.similarity);
  };
  return {JsonObject().add("tokens", json_array(tokens, near_form)).text(), {}};
}

AnalysisReply form_of(const PrincipalComponents& p) {
  const int64_t K = std::ssize(p.explained), D = std::ssize(p.mean);
  return {"{}",
          {{"coordinates", {std::ssize(p.coordinates) / K, K}, p.coordinates},
           {"components", {K, D}, p.components},
           {"mean", {D}, p.mean},
           {"explained", {K}, p.explained}}};
}

AnalysisReply form_of(const TextLoss& loss) {
  return {JsonObject()
              .add("mean", loss.mean)
              .add("perplexity", loss.perplexity)
              .add("logProbability", loss.log_probability)
              .add("probability", loss.probability)
              .add("probabilities", json_array(loss.probabilities))
              .add("ranks", json_array(loss.ranks))
              .text(),
          {{"losses", {std::ssize(loss.losses)}, loss.losses}}};
}

AnalysisReply form_of(const Explanation& explanation) {
  const auto quantity_form = [](const ExplainedQuantity& quantity) {
    JsonObject form;
    form.add("symbol", quantity.symbol)
        .add("formula", quantity.formula)
        .add("value", quantity.value);
    add_sum(form, quantity.sum);
    return form;
  };
  JsonObject form;
  form.add("name", explanation.name)
      .add("index", json_array(explanation.index))
      .add("value", explanation.value)
      .add("formula", explanation.formula);
  add_sum(form, explanation.sum);
  form.add("remainder", explanation.remainder)
      .add("quantities", json_array(explanation.quantities, quantity_form));
  return {form.text(), {}};
}

AnalysisReply form_of(ReplyTensor tensor) {
  AnalysisReply reply{"{}", {}};
  reply.tensors.push_back(std::move(tensor));
  return reply;
}

}  // namespace glassformer
