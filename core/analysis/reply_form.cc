#include "core/analysis/reply_form.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace glassformer {
namespace {

using json = nlohmann::ordered_json;

// JSON has no infinity.
json number(double value) {
  if (std::isfinite(value)) return value;
  return std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
}

template <class Items, class Form>
json array(const Items& items, Form form) {
  json list = json::array();
  for (const auto& item : items) list.push_back(form(item));
  return list;
}

json lens_token_form(const LensToken& token) {
  return {{"id", token.id},
          {"rank", token.rank},
          {"logit", number(token.logit)},
          {"probability", token.probability}};
}

json factor_form(const ExplainedFactor& factor) {
  json form = {{"name", factor.name}, {"index", factor.index}, {"value", number(factor.value)}};
  if (!factor.made_of.empty()) form["madeOf"] = factor.made_of;
  return form;
}

json sum_form(const ExplainedSum& sum) {
  const auto term_form = [](const ExplainedTerm& term) {
    return json{{"label", term.label},
                {"value", number(term.value)},
                {"factors", array(term.factors, factor_form)}};
  };
  return {{"terms", array(sum.terms, term_form)},
          {"others", sum.others},
          {"othersValue", number(sum.others_value)},
          {"total", number(sum.total)}};
}

}  // namespace

AnalysisReply form_of(const LogitLens& lens) {
  const auto position_form = [](const LensPosition& position) {
    return json{{"top", array(position.top, lens_token_form)},
                {"target", lens_token_form(position.target)},
                {"tracked", array(position.tracked, lens_token_form)},
                {"entropy", position.entropy}};
  };
  const auto layer_form = [&](const LensLayer& layer) {
    return json{{"name", layer.name}, {"positions", array(layer.positions, position_form)}};
  };
  return {json{{"layers", array(lens.layers, layer_form)}}.dump(), {}};
}

AnalysisReply form_of(const Attribution& attribution) {
  using Kind = AttributionTerm::Kind;
  const auto term_form = [](const AttributionTerm& term) {
    json form = {{"kind", attribution_kind_name(term.kind)}};
    const bool in_block =
        term.kind == Kind::head || term.kind == Kind::attention_bias || term.kind == Kind::mlp;
    if (in_block) form["block"] = term.block;
    if (term.kind == Kind::head) form["head"] = term.head;
    form["value"] = number(term.value);
    return form;
  };
  const json against = attribution.against ? json(*attribution.against) : json(nullptr);
  return {json{{"position", attribution.position},
               {"token", attribution.token},
               {"against", against},
               {"value", number(attribution.value)},
               {"terms", array(attribution.terms, term_form)},
               {"sum", number(attribution.sum)},
               {"remainder", number(attribution.remainder)}}
              .dump(),
          {}};
}

AnalysisReply form_of(const HeadScores& scores, const Config& config,
                      const std::vector<int32_t>& tokens) {
  const std::vector<int64_t> dims = {config.n_layer, config.n_head};
  return {json{{"tokens", tokens}, {"repeatedPositions", scores.repeated_positions}}.dump(),
          {{"previous", dims, scores.previous},
           {"duplicate", dims, scores.duplicate},
           {"induction", dims, scores.induction}}};
}

AnalysisReply form_of(const Patching& patching) {
  const int64_t rows = std::ssize(patching.values) / patching.columns;
  return {json{{"from", number(patching.from)}, {"into", number(patching.into)}}.dump(),
          {{"values", {rows, patching.columns}, patching.values}}};
}

AnalysisReply form_of(const std::vector<NearToken>& tokens) {
  const auto near_form = [](const NearToken& token) {
    return json{{"id", token.id}, {"similarity", number(token.similarity)}};
  };
  return {json{{"tokens", array(tokens, near_form)}}.dump(), {}};
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
  return {json{{"mean", number(loss.mean)},
               {"perplexity", number(loss.perplexity)},
               {"ranks", loss.ranks}}
              .dump(),
          {{"losses", {std::ssize(loss.losses)}, loss.losses}}};
}

AnalysisReply form_of(const Explanation& explanation) {
  const auto quantity_form = [](const ExplainedQuantity& quantity) {
    json form = {{"symbol", quantity.symbol},
                 {"formula", quantity.formula},
                 {"value", number(quantity.value)}};
    form.update(sum_form(quantity.sum));
    return form;
  };
  json form = {{"name", explanation.name},
               {"index", explanation.index},
               {"value", number(explanation.value)},
               {"formula", explanation.formula}};
  form.update(sum_form(explanation.sum));
  form["remainder"] = number(explanation.remainder);
  form["quantities"] = array(explanation.quantities, quantity_form);
  return {form.dump(), {}};
}

AnalysisReply form_of(ReplyTensor tensor) {
  AnalysisReply reply{"{}", {}};
  reply.tensors.push_back(std::move(tensor));
  return reply;
}

}  // namespace glassformer
