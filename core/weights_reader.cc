// WeightsReader: length -> header -> tensors, whatever the sizes of the chunks.
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "core/grouped_number.h"
#include "core/weights.h"
#include "core/weights_convert.h"
#include "core/weights_plan.h"

namespace glassformer {
namespace {

Error bad_weights(const std::string& what) {
  return {ErrorCode::bad_weights, "model.safetensors: " + what};
}

// The place of element `index` in a tensor: "[3, 17]".
std::string place_text(const std::vector<int64_t>& shape, int64_t index) {
  if (shape.size() == 1) return "[" + std::to_string(index) + "]";
  return "[" + std::to_string(index / shape.back()) + ", " + std::to_string(index % shape.back()) +
         "]";
}

}  // namespace

struct WeightsReader::State {
  State(const Config& model, uint64_t size, std::optional<Storage> wanted)
      : config(model), file_bytes(size), storage(wanted) {}

  std::optional<Error> read(std::span<const std::byte> chunk);
  std::optional<Error> read_header_part(std::span<const std::byte>& chunk);
  std::optional<Error> start_data();
  std::optional<Error> read_data_part(std::span<const std::byte>& chunk);
  std::optional<Error> convert(const std::byte* bytes, size_t count);
  void place(std::span<const float> values);
  void place_rows(std::span<const float> values);

  const Config config;
  const uint64_t file_bytes;
  const std::optional<Storage> storage;
  Weights weights;
  WeightsPlan plan;
  uint64_t position = 0;  // bytes read
  std::optional<Error> error;

  std::string head;                     // the length and the header, as far as they have arrived
  std::optional<uint64_t> head_length;  // of both together, once known
  bool in_data = false;

  size_t tensor = 0;                 // the stored tensor that is being read
  int64_t element = 0;               // its next element
  std::vector<float> rows;           // its rows that have not been packed yet
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
  Result<WeightsPlan> planned = plan_weights(config, storage, *header, weights);
  if (!planned) return planned.error();
  plan = *std::move(planned);
  head = {};
  return start_data();
}

std::optional<Error> WeightsReader::State::start_data() {
  in_data = true;
  if (allocate_weights(config, plan.slots, weights)) return std::nullopt;
  return Error{ErrorCode::out_of_memory, "model.safetensors: its weights need " +
                                             grouped(total_floats(plan.slots) * sizeof(float)) +
                                             " bytes of memory, which could not be allocated"};
}

// Converts `count` whole elements of the current tensor, a few at a time, and puts them in place.
std::optional<Error> WeightsReader::State::convert(const std::byte* bytes, size_t count) {
  const StoredTensor& now = plan.tensors[tensor];
  if (now.content == Content::integers) {
    const std::span integers(reinterpret_cast<const int8_t*>(bytes), count);
    set_integers(now.slot->matrix->quantized, now.slot->order, element, integers);
    element += static_cast<int64_t>(count);
    return std::nullopt;
  }
  std::array<float, 1024> values;
  while (count > 0) {
    const size_t some = std::min(count, values.size());
    const int64_t bad = convert_to_floats(values.data(), bytes, some, now.dtype);
    if (bad >= 0) {
      return bad_weights(now.name + place_text(now.shape, element + bad) + " is " +
                         (std::isnan(values[static_cast<size_t>(bad)]) ? "NaN" : "infinite") +
                         "; weights must be finite");
    }
    place(std::span(values).first(some));
    element += static_cast<int64_t>(some);
    bytes += some * static_cast<size_t>(dtype_bytes(now.dtype));
    count -= some;
  }
  return std::nullopt;
}

// Puts floats in place that begin with the current element.
void WeightsReader::State::place(std::span<const float> values) {
  const StoredTensor& now = plan.tensors[tensor];
  if (now.content == Content::scales) {
    set_scales(now.slot->matrix->quantized, element, values);
  } else if (now.slot->matrix) {
    place_rows(values);
  } else {
    float* to = weights.memory.data() + now.slot->offset + element;
    std::copy(values.begin(), values.end(), to);
  }
}

// Collects rows of a matrix until there are as many as it packs together, or no more.
void WeightsReader::State::place_rows(std::span<const float> values) {
  const WeightSlot& slot = *plan.tensors[tensor].slot;
  const int64_t columns = slot.shape.back();
  const auto together = static_cast<size_t>(rows_together(*slot.matrix, slot.order) * columns);
  const auto left = static_cast<size_t>(slot.size() - element);  // to come, `values` included
  for (size_t taken = 0; taken < values.size();) {
    const size_t wanted = std::min(together, left - taken + rows.size()) - rows.size();
    const auto part = values.subspan(taken, std::min(wanted, values.size() - taken));
    rows.insert(rows.end(), part.begin(), part.end());
    taken += part.size();
    if (part.size() < wanted) return;
    const int64_t end = element + static_cast<int64_t>(taken);
    pack_rows(*slot.matrix, slot.order, (end - std::ssize(rows)) / columns, rows);
    rows.clear();
  }
}

// Consumes from the chunk what belongs to the current tensor.
std::optional<Error> WeightsReader::State::read_data_part(std::span<const std::byte>& chunk) {
  const StoredTensor& now = plan.tensors[tensor];
  const size_t taken = static_cast<size_t>(std::min<uint64_t>(now.end - position, chunk.size()));
  std::span<const std::byte> bytes = chunk.first(taken);
  chunk = chunk.subspan(taken);
  position += taken;

  if (now.content != Content::skipped) {
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
    ++tensor;
    element = 0;
  }
  return std::nullopt;
}

std::optional<Error> WeightsReader::State::read(std::span<const std::byte> chunk) {
  while (!chunk.empty()) {
    // Empty tensors.
    while (in_data && tensor < plan.tensors.size() && plan.tensors[tensor].end == position) {
      ++tensor;
    }
    if (in_data && tensor == plan.tensors.size()) {
      return bad_weights("has more bytes than the " + grouped(position) +
                         " that its header describes");
    }
    std::optional<Error> problem = in_data ? read_data_part(chunk) : read_header_part(chunk);
    if (problem) return problem;
  }
  return std::nullopt;
}

WeightsReader::WeightsReader(const Config& config, uint64_t file_bytes,
                             std::optional<Storage> storage)
    : state_(std::make_unique<State>(config, file_bytes, storage)) {}
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
  const uint64_t wanted = !state.plan.tensors.empty() ? state.plan.tensors.back().end
                          : state.head_length         ? *state.head_length
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
