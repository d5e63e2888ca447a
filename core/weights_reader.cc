// WeightsReader: length -> header -> tensors, whatever the sizes of the chunks.
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <unordered_map>

#include "core/grouped_number.h"
#include "core/quote.h"
#include "core/weights.h"
#include "core/weights_convert.h"
#include "core/weights_layout.h"

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

// The place of element `index` in a tensor: "[3, 17]".
std::string place_text(const std::vector<int64_t>& shape, int64_t index) {
  if (shape.size() == 1) return "[" + std::to_string(index) + "]";
  return shape_text(std::array{index / shape.back(), index % shape.back()});
}

std::string_view without_prefix(std::string_view name) {
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

}  // namespace

struct WeightsReader::State {
  // What the bytes of one stored tensor become.
  struct Step {
    const WeightSlot* slot;  // null: skipped
    Dtype dtype;
    uint64_t end;  // in bytes from the start of the file
  };

  State(const Config& model, uint64_t size)
      : config(model), file_bytes(size), slots(lay_out_weights(config, weights)) {}

  std::optional<Error> read(std::span<const std::byte> chunk);
  std::optional<Error> read_header_part(std::span<const std::byte>& chunk);
  std::optional<Error> plan(const SafetensorsHeader& header);
  std::optional<Error> plan_entry(const SafetensorsEntry& entry, uint64_t data_start);
  std::optional<Error> start_data();
  std::optional<Error> read_data_part(std::span<const std::byte>& chunk);
  std::optional<Error> convert(const std::byte* bytes, size_t count);

  const Config config;
  const uint64_t file_bytes;
  Weights weights;
  const std::vector<WeightSlot> slots;
  uint64_t position = 0;  // bytes read
  std::optional<Error> error;

  std::string head;                     // the length and the header, as far as they have arrived
  std::optional<uint64_t> head_length;  // of both together, once known
  bool in_data = false;

  std::unordered_map<std::string_view, const WeightSlot*> missing;  // keys live in `slots`
  std::vector<Step> steps;
  size_t step = 0;
  int64_t element = 0;               // the next element of this step
  std::array<std::byte, 4> partial;  // an element that a chunk's border cut
  size_t partial_bytes = 0;
};

// Moves what belongs to the length and the header from the chunk into `head`.
std::optional<Error> WeightsReader::State::read_header_part(std::span<const std::byte>& chunk) {
  const uint64_t wanted = head_length.value_or(8) - head.size();
  const size_t taken = static_cast<size_t>(std::min<uint64_t>(wanted, chunk.size()));
  head.append(reinterpret_cast<const char*>(chunk.data()), taken);
  chunk = chunk.subspan(taken);
  position += taken;
  if (taken < wanted) return std::nullopt;

  if (!head_length) {
    const Result<uint64_t> length =
        safetensors_header_length(std::as_bytes(std::span(head)), file_bytes);
    if (!length) return length.error();
    head_length = 8 + *length;
    return std::nullopt;
  }
  const Result<SafetensorsHeader> header =
      parse_safetensors_header(std::string_view(head).substr(8), file_bytes);
  if (!header) return header.error();
  if (std::optional<Error> problem = plan(*header)) return problem;
  head = {};
  return start_data();
}

// Decides for every stored tensor where it goes, and that none is missing.
std::optional<Error> WeightsReader::State::plan(const SafetensorsHeader& header) {
  for (const WeightSlot& slot : slots) missing.emplace(slot.name, &slot);
  for (const SafetensorsEntry& entry : header.entries) {
    if (std::optional<Error> problem = plan_entry(entry, header.data_start)) return problem;
  }
  for (const WeightSlot& slot : slots) {
    if (missing.contains(slot.name)) {
      return bad_weights("tensor " + slot.name + " is missing" +
                         (slot.name == "lm_head.weight"
                              ? ", and config.json's tie_word_embeddings is false"
                              : ""));
    }
  }
  return std::nullopt;
}

std::optional<Error> WeightsReader::State::plan_entry(const SafetensorsEntry& entry,
                                                      uint64_t data_start) {
  const std::string_view name = without_prefix(entry.name);
  const uint64_t end = data_start + entry.end;
  if (is_mask_buffer(name) || (name == "lm_head.weight" && config.tie_word_embeddings)) {
    steps.push_back({nullptr, entry.dtype, end});
    return std::nullopt;
  }
  const auto found = missing.find(name);
  if (found == missing.end()) {
    const bool known = std::any_of(slots.begin(), slots.end(),
                                   [&](const WeightSlot& slot) { return slot.name == name; });
    return bad_weights("tensor " + quoted(entry.name) +
                       (known ? " is there twice, with and without \"transformer.\""
                              : " does not belong to the GPT-2 that config.json describes"));
  }
  const WeightSlot* slot = found->second;
  missing.erase(found);
  if (entry.shape != slot->shape) {
    return bad_weights("tensor " + quoted(entry.name) + " has the shape " +
                       shape_text(entry.shape) + ", but config.json asks for " +
                       shape_text(slot->shape));
  }
  if (!is_weight_dtype(entry.dtype)) {
    return bad_weights("tensor " + quoted(entry.name) + " has the dtype " +
                       dtype_name(entry.dtype) + "; only F32, F16 and BF16 can be read");
  }
  if (name == "wte.weight") weights.file_dtype = dtype_name(entry.dtype);
  steps.push_back({slot, entry.dtype, end});
  return std::nullopt;
}

std::optional<Error> WeightsReader::State::start_data() {
  in_data = true;
  if (allocate_weights(config, slots, weights)) return std::nullopt;
  return Error{ErrorCode::out_of_memory, "model.safetensors: its weights need " +
                                             grouped(total_floats(slots) * sizeof(float)) +
                                             " bytes of memory, which could not be allocated"};
}

// Converts `count` whole elements of the current step, a few at a time, and puts them in place.
std::optional<Error> WeightsReader::State::convert(const std::byte* bytes, size_t count) {
  const Step& now = steps[step];
  std::array<float, 1024> values;
  while (count > 0) {
    const size_t some = std::min(count, values.size());
    const int64_t bad = convert_to_floats(values.data(), bytes, some, now.dtype);
    if (bad >= 0) {
      return bad_weights(now.slot->name + place_text(now.slot->shape, element + bad) + " is " +
                         (std::isnan(values[static_cast<size_t>(bad)]) ? "NaN" : "infinite") +
                         "; weights must be finite");
    }
    fill(*now.slot, weights, element, std::span(values).first(some));
    element += static_cast<int64_t>(some);
    bytes += some * static_cast<size_t>(dtype_bytes(now.dtype));
    count -= some;
  }
  return std::nullopt;
}

// Consumes from the chunk what belongs to the current tensor.
std::optional<Error> WeightsReader::State::read_data_part(std::span<const std::byte>& chunk) {
  const Step& now = steps[step];
  const size_t taken = static_cast<size_t>(std::min<uint64_t>(now.end - position, chunk.size()));
  std::span<const std::byte> bytes = chunk.first(taken);
  chunk = chunk.subspan(taken);
  position += taken;

  if (now.slot) {
    const size_t size = static_cast<size_t>(dtype_bytes(now.dtype));
    while (partial_bytes != 0 && !bytes.empty()) {
      partial[partial_bytes++] = bytes.front();
      bytes = bytes.subspan(1);
      if (partial_bytes < size) continue;
      partial_bytes = 0;
      if (std::optional<Error> problem = convert(partial.data(), 1)) return problem;
    }
    const size_t whole = bytes.size() / size;
    if (std::optional<Error> problem = convert(bytes.data(), whole)) return problem;
    for (const std::byte byte : bytes.subspan(whole * size)) partial[partial_bytes++] = byte;
  }
  if (position == now.end) {
    ++step;
    element = 0;
  }
  return std::nullopt;
}

std::optional<Error> WeightsReader::State::read(std::span<const std::byte> chunk) {
  while (!chunk.empty()) {
    while (in_data && step < steps.size() && steps[step].end == position) ++step;  // empty tensors
    if (in_data && step == steps.size()) {
      return bad_weights("has more bytes than the " + grouped(position) +
                         " that its header describes");
    }
    std::optional<Error> problem = in_data ? read_data_part(chunk) : read_header_part(chunk);
    if (problem) return problem;
  }
  return std::nullopt;
}

WeightsReader::WeightsReader(const Config& config, uint64_t file_bytes)
    : state_(std::make_unique<State>(config, file_bytes)) {}
WeightsReader::WeightsReader(WeightsReader&&) noexcept = default;
WeightsReader& WeightsReader::operator=(WeightsReader&&) noexcept = default;
WeightsReader::~WeightsReader() = default;

Status WeightsReader::feed(std::span<const std::byte> chunk) {
  if (!state_->error) state_->error = state_->read(chunk);
  return state_->error ? Status(*state_->error) : Status();
}

Result<Weights> WeightsReader::finish() {
  State& state = *state_;
  if (state.error) return *state.error;
  const uint64_t wanted = !state.steps.empty() ? state.steps.back().end
                          : state.head_length  ? *state.head_length
                                               : 8;
  if (!state.in_data || state.position < wanted) {
    const std::string what = state.in_data       ? ""
                             : state.head_length ? " of its header"
                                                 : " of its header length";
    state.error = bad_weights("ends early, after " + grouped(state.position) + " of " +
                              grouped(std::max(wanted, state.file_bytes)) + " bytes" + what);
    return *state.error;
  }
  state.error = Error{ErrorCode::bad_weights, "model.safetensors: has already been read"};
  return std::move(state.weights);
}

uint64_t WeightsReader::bytes_read() const { return state_->position; }

}  // namespace glassformer
