#include "core/trace.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "core/grouped_number.h"
#include "core/names.h"
#include "core/quote.h"

namespace glassformer {
namespace {

// Columns: hook, name, shape, per block, on request, meaning.
constexpr std::array<ActivationRow, kHookCount> kTable{{
    {Hook::embed, "hook_embed", "TC", false, false, "token embedding: the token's row of wte"},
    {Hook::pos_embed, "hook_pos_embed", "TC", false, false,
     "position embedding: the position's row of wpe"},
    {Hook::resid_pre, "hook_resid_pre", "TC", true, false, "residual stream entering the block"},
    {Hook::ln1_scale, "ln1.hook_scale", "T1", true, false,
     "standard deviation that layer norm 1 divides by"},
    {Hook::ln1_normalized, "ln1.hook_normalized", "TC", true, false,
     "layer norm 1 before its weight and bias"},
    {Hook::q, "attn.hook_q", "THD", true, false, "queries"},
    {Hook::k, "attn.hook_k", "THD", true, false, "keys"},
    {Hook::v, "attn.hook_v", "THD", true, false, "values"},
    {Hook::attn_scores, "attn.hook_attn_scores", "HTS", true, false,
     "attention scores, scaled, later positions masked with -infinity"},
    {Hook::pattern, "attn.hook_pattern", "HTS", true, false,
     "attention weights: the softmax of the scores"},
    {Hook::z, "attn.hook_z", "THD", true, false, "values mixed by the attention weights"},
    {Hook::result, "attn.hook_result", "THC", true, true,
     "what each head adds to the residual stream, before the output bias"},
    {Hook::attn_out, "hook_attn_out", "TC", true, false,
     "what the attention layer adds to the residual stream"},
    {Hook::resid_mid, "hook_resid_mid", "TC", true, false,
     "residual stream between attention and MLP"},
    {Hook::ln2_scale, "ln2.hook_scale", "T1", true, false,
     "standard deviation that layer norm 2 divides by"},
    {Hook::ln2_normalized, "ln2.hook_normalized", "TC", true, false,
     "layer norm 2 before its weight and bias"},
    {Hook::mlp_pre, "mlp.hook_pre", "TF", true, false, "MLP neurons before the nonlinearity"},
    {Hook::mlp_post, "mlp.hook_post", "TF", true, false, "MLP neurons after the nonlinearity"},
    {Hook::mlp_out, "hook_mlp_out", "TC", true, false, "what the MLP adds to the residual stream"},
    {Hook::resid_post, "hook_resid_post", "TC", true, false, "residual stream leaving the block"},
    {Hook::ln_final_scale, "ln_final.hook_scale", "T1", false, false,
     "standard deviation that the final layer norm divides by"},
    {Hook::ln_final_normalized, "ln_final.hook_normalized", "TC", false, false,
     "the final layer norm before its weight and bias"},
    {Hook::logits, "logits", "TV", false, false, "score of every token of the vocabulary"},
}};

constexpr bool rows_are_in_hook_order() {
  for (int i = 0; i < kHookCount; ++i) {
    if (static_cast<int>(kTable[static_cast<size_t>(i)].hook) != i) return false;
  }
  return true;
}
static_assert(rows_are_in_hook_order());

// Every activation of a model, in the order of computation.
std::vector<ActivationId> all_activations(const Config& config) {
  std::vector<ActivationId> all;
  const auto add_rows = [&](Hook first, Hook last, int block) {
    for (int h = static_cast<int>(first); h <= static_cast<int>(last); ++h) {
      all.push_back({static_cast<Hook>(h), block});
    }
  };
  add_rows(Hook::embed, Hook::pos_embed, 0);
  for (int i = 0; i < config.n_layer; ++i) add_rows(Hook::resid_pre, Hook::resid_post, i);
  add_rows(Hook::ln_final_scale, Hook::logits, 0);
  return all;
}

// "hook_result" of "attn.hook_result": an on-request activation must be asked for by this word.
std::string_view last_part(std::string_view name) { return name.substr(name.rfind('.') + 1); }

// TransformerLens's other words for some.
constexpr std::pair<std::string_view, std::string_view> kAliases[] = {
    {"attn", "pattern"}, {"attn_logits", "attn_scores"},
    {"key", "k"},        {"query", "q"},
    {"value", "v"},      {"mlp_pre", "pre"},
    {"mlp_post", "post"}};

Error unknown_name(std::string_view name, const Config& config) {
  // "hook_patern" is meant as a last part, and compared with those.
  const bool last_part_only = name.find('.') == std::string_view::npos;
  std::vector<std::string> names, compared;
  for (const ActivationId id : all_activations(config)) {
    names.push_back(activation_name(id));
    compared.emplace_back(last_part_only ? last_part(names.back()) : names.back());
  }
  const std::string nearest = nearest_name(name, compared);
  const auto place = std::find(compared.begin(), compared.end(), nearest) - compared.begin();
  return {ErrorCode::bad_name, "no activation is named " + quoted(name) + "; the nearest is \"" +
                                   names[static_cast<size_t>(place)] + "\""};
}

bool selects(std::string_view pattern, ActivationId id) {
  const ActivationRow& row = activation_row(id.hook);
  if (row.on_request && !pattern.ends_with(last_part(row.name))) return false;
  return glob_match(pattern, activation_name(id));
}

}  // namespace

std::span<const ActivationRow, kHookCount> activation_table() { return kTable; }

const ActivationRow& activation_row(Hook hook) { return kTable[static_cast<size_t>(hook)]; }

std::string activation_name(ActivationId id) {
  const ActivationRow& row = activation_row(id.hook);
  std::string name;
  if (row.per_block) name = "blocks." + std::to_string(id.block) + ".";
  return name.append(row.name);
}

std::string full_activation_name(std::string_view short_name, int layers) {
  // A word, and for an activation of a block the block's number and perhaps the part of the block.
  constexpr std::string_view kDigits = "0123456789";
  const size_t number = std::min(short_name.find_first_of(kDigits), short_name.size());
  const size_t part = std::min(short_name.find_first_not_of(kDigits, number), short_name.size());
  std::string_view word = short_name.substr(0, number);
  for (const auto& [alias, meant] : kAliases) {
    if (word == alias) word = meant;
  }
  const bool in_block = part > number;
  int block = 0;
  const std::string_view digits = short_name.substr(number, part - number);
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), block);
  if (in_block && (read.ec != std::errc() || block >= layers)) return "";
  const std::string prefix(in_block ? short_name.substr(part) : "");
  const ActivationRow* found = nullptr;
  for (const ActivationRow& row : kTable) {
    if (row.per_block != in_block || last_part(row.name) != "hook_" + std::string(word)) continue;
    if (!prefix.empty() && !row.name.starts_with(prefix + ".")) continue;
    if (found) return "";  // scale4 is that of ln1 or that of ln2
    found = &row;
  }
  return found ? activation_name({found->hook, block}) : "";
}

Result<ActivationId> find_activation(std::string_view name, const Config& config) {
  const std::string full = full_activation_name(name, config.n_layer);
  for (const ActivationId id : all_activations(config)) {
    const std::string known = activation_name(id);
    if (known == name || known == full) return id;
  }
  return unknown_name(name, config);
}

Result<std::vector<ActivationId>> select_activations(std::span<const std::string> patterns,
                                                     const Config& config) {
  const std::vector<ActivationId> all = all_activations(config);
  std::vector<bool> selected(all.size());
  for (const std::string& given : patterns) {
    const std::string full = full_activation_name(given, config.n_layer);
    const std::string& pattern = full.empty() ? given : full;
    bool any = false;
    for (size_t i = 0; i < all.size(); ++i) {
      if (!selects(pattern, all[i])) continue;
      any = true;
      selected[i] = true;
    }
    if (!any) return unknown_name(pattern, config);
  }
  std::vector<ActivationId> result;
  for (size_t i = 0; i < all.size(); ++i) {
    if (selected[i]) result.push_back(all[i]);
  }
  return result;
}

std::vector<int64_t> activation_dims(Hook hook, const Config& config, int tokens, int past) {
  std::vector<int64_t> dims;
  for (const char letter : activation_row(hook).shape) {
    switch (letter) {
      case 'T':
        dims.push_back(tokens);
        break;
      case 'S':
        dims.push_back(past + tokens);
        break;
      case 'C':
        dims.push_back(config.n_embd);
        break;
      case 'H':
        dims.push_back(config.n_head);
        break;
      case 'D':
        dims.push_back(config.head_width());
        break;
      case 'F':
        dims.push_back(config.n_inner);
        break;
      case 'V':
        dims.push_back(config.vocab_size);
        break;
      case '1':
        dims.push_back(1);
        break;
      default:
        assert(false && "a letter that no axis has");
    }
  }
  return dims;
}

uint64_t Trace::size(const Config& config, std::span<const ActivationId> selected, int tokens,
                     int past) {
  uint64_t floats = 0;
  for (const ActivationId id : selected) {
    uint64_t size = 1;
    for (const int64_t dim : activation_dims(id.hook, config, tokens, past)) {
      size *= static_cast<uint64_t>(dim);
    }
    floats += size;
  }
  return floats;
}

Result<Trace> Trace::create(const Config& config, std::span<const ActivationId> selected,
                            int tokens, int past) {
  Trace trace;
  trace.index_.assign(static_cast<size_t>(kHookCount) * static_cast<size_t>(config.n_layer), -1);
  const uint64_t floats = size(config, selected, tokens, past);
  for (const ActivationId id : selected) {
    TensorView view;
    for (const int64_t dim : activation_dims(id.hook, config, tokens, past)) {
      view.dims[static_cast<size_t>(view.rank++)] = dim;
    }
    trace.index_[slot(id.hook, id.block)] = static_cast<int>(trace.entries_.size());
    trace.entries_.push_back({id, view});
  }
  if (floats == 0) return trace;
  trace.memory_ = FloatBuffer::allocate(floats);
  if (!trace.memory_) {
    return Error{ErrorCode::out_of_memory,
                 "the " + std::to_string(selected.size()) + " activations asked for need " +
                     grouped(floats * sizeof(float)) +
                     " bytes, which could not be allocated; ask for fewer"};
  }
  float* next = trace.memory_.data();
  for (Entry& entry : trace.entries_) {
    entry.tensor.data = next;
    next += entry.tensor.size();
  }
  return trace;
}

const TensorView* find_in(std::span<const Trace> traces, ActivationId id) {
  for (const Trace& trace : traces) {
    if (const TensorView* found = trace.find(id.hook, id.block)) return found;
  }
  return nullptr;
}

void Trace::copy_positions(std::span<const Trace> others, int64_t positions) {
  for (const Entry& entry : entries_) {
    const TensorView& to = entry.tensor;
    const TensorView& from = *find_in(others, entry.id);
    if (activation_row(entry.id.hook).shape != "HTS") {
      std::copy_n(from.data, positions * (from.size() / from.dims[0]), to.data);
      continue;
    }
    // A row has grown by keys that come later, which it does not see.
    const float masked =
        entry.id.hook == Hook::pattern ? 0.0f : -std::numeric_limits<float>::infinity();
    for (int64_t h = 0; h < to.dims[0]; ++h) {
      for (int64_t t = 0; t < positions; ++t) {
        float* row = to.data + (h * to.dims[1] + t) * to.dims[2];
        std::copy_n(from.data + (h * from.dims[1] + t) * from.dims[2], positions, row);
        std::fill(row + positions, row + to.dims[2], masked);
      }
    }
  }
}

}  // namespace glassformer
