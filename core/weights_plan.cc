#include "core/weights_plan.h"

#include <map>
#include <set>

#include "core/quote.h"
#include "core/weights_convert.h"

namespace glassformer {
namespace {

Error bad_weights(const std::string& what) {
  return {ErrorCode::bad_weights, "model.safetensors: " + what};
}

// "[50257, 768]"
std::string shape_text(std::span<const int64_t> shape) {
  std::string text;
  for (const int64_t dimension : shape) {
    text += (text.empty() ? "" : ", ") + std::to_string(dimension);
  }
  return "[" + text + "]";
}

std::string without_prefix(const std::string& name) {
  constexpr std::string_view kPrefix = "transformer.";
  return name.starts_with(kPrefix) ? name.substr(kPrefix.size()) : name;
}

// "h.<digits>.attn.bias" and "h.<digits>.attn.masked_bias": the causal mask, which old files store.
bool is_mask_buffer(std::string_view name) {
  if (!name.starts_with("h.")) return false;
  name.remove_prefix(2);
  const size_t digits = name.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string_view::npos) return false;
  name.remove_prefix(digits);
  return name == ".attn.bias" || name == ".attn.masked_bias";
}

// A copy of the tied head that a file stores although it need not.
bool is_redundant_head(const std::string& name, const Config& config) {
  return config.tie_word_embeddings &&
         (name == "lm_head.weight" || name == std::string("lm_head.weight") + kScalesSuffix);
}

Result<Storage> storage_of(const SafetensorsHeader& header, std::optional<Storage> wanted) {
  const auto declared = header.metadata.find(kQ8Key);
  if (declared == header.metadata.end()) return wanted.value_or(Storage::f32);
  if (declared->second != std::to_string(QuantizedMatrix::kBlock)) {
    return bad_weights(std::string("its metadata gives ") + kQ8Key + " as " +
                       quoted(declared->second) + "; only " +
                       std::to_string(QuantizedMatrix::kBlock) + " can be read");
  }
  if (wanted == Storage::f32) return bad_weights("holds q8 weights; they cannot be loaded as f32");
  return Storage::q8;
}

using Expected = std::map<std::string, StoredTensor>;

// The tensors that the file must have, by name.
Expected expected_tensors(const std::vector<WeightSlot>& slots, bool q8_file) {
  Expected expected;
  for (const WeightSlot& slot : slots) {
    const bool quantized = q8_file && slot.matrix;
    expected[slot.name] = {.content = quantized ? Content::integers : Content::floats,
                           .slot = &slot,
                           .name = slot.name,
                           .shape = slot.shape};
    if (!quantized) continue;
    const QuantizedMatrix& matrix = slot.matrix->quantized;
    const std::string scales = slot.name + kScalesSuffix;
    expected[scales] = {.content = Content::scales,
                        .slot = &slot,
                        .name = scales,
                        .shape = {matrix.outputs, matrix.blocks()}};
  }
  return expected;
}

Status check_dtype(const SafetensorsEntry& entry, Content content) {
  const auto refuse = [&](const std::string& wanted) {
    return bad_weights("tensor " + quoted(entry.name) + " has the dtype " +
                       dtype_name(entry.dtype) + "; " + wanted);
  };
  if (content == Content::integers && entry.dtype != Dtype::i8) {
    return refuse("in a q8 file it must be I8");
  }
  if (content == Content::scales && entry.dtype != Dtype::f32) return refuse("it must be F32");
  if (content == Content::floats && !is_weight_dtype(entry.dtype)) {
    return refuse("only F32, F16 and BF16 can be read");
  }
  return {};
}

}  // namespace

Result<WeightsPlan> plan_weights(const Config& config, std::optional<Storage> wanted,
                                 const SafetensorsHeader& header, Weights& weights) {
  const bool q8_file = header.metadata.contains(kQ8Key);
  const Result<Storage> storage = storage_of(header, wanted);
  if (!storage) return storage.error();
  WeightsPlan plan;
  plan.slots = lay_out_weights(config, *storage, weights);
  Expected missing = expected_tensors(plan.slots, q8_file);
  std::set<std::string> seen;

  for (const SafetensorsEntry& entry : header.entries) {
    const std::string name = without_prefix(entry.name);
    StoredTensor stored;
    if (!is_mask_buffer(name) && !is_redundant_head(name, config)) {
      const auto found = missing.find(name);
      if (found == missing.end()) {
        return bad_weights("tensor " + quoted(entry.name) +
                           (seen.contains(name)
                                ? " is there twice, with and without \"transformer.\""
                                : " does not belong to the GPT-2 that config.json describes"));
      }
      stored = std::move(found->second);
      missing.erase(found);
      seen.insert(name);
      if (stored.shape != entry.shape) {
        return bad_weights("tensor " + quoted(entry.name) + " has the shape " +
                           shape_text(entry.shape) + ", but config.json asks for " +
                           shape_text(stored.shape));
      }
      if (const Status status = check_dtype(entry, stored.content); !status) return status.error();
      if (name == "wte.weight") weights.file_dtype = q8_file ? "Q8" : dtype_name(entry.dtype);
    }
    stored.dtype = entry.dtype;
    stored.end = header.data_start + entry.end;
    plan.tensors.push_back(std::move(stored));
  }
  for (const WeightSlot& slot : plan.slots) {
    for (const std::string& name : {slot.name, slot.name + kScalesSuffix}) {
      if (!missing.contains(name)) continue;
      return bad_weights(
          "tensor " + name + " is missing" +
          (name == "lm_head.weight" ? ", and config.json's tie_word_embeddings is false" : ""));
    }
  }
  return plan;
}

}  // namespace glassformer
