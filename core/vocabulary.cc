#include "core/vocabulary.h"

#include <algorithm>

#include "core/byte_level.h"
#include "core/json_text.h"
#include "core/quote.h"

namespace glassformer {
namespace {

using nlohmann::json;

constexpr int64_t kLargestId = INT32_MAX - 1;

Error bad(std::string_view place, const std::string& what) {
  return {ErrorCode::bad_tokenizer, std::string(place) + what};
}

}  // namespace

Result<Vocabulary> Vocabulary::from_json(const json& value, std::string_view place) {
  if (!value.is_object()) return bad(place, " is not an object of tokens and ids");
  Vocabulary vocabulary;
  vocabulary.place_ = place;
  vocabulary.ids_.reserve(value.size());
  vocabulary.spellings_.reserve(value.size());
  for (const auto& [spelling, id] : value.items()) {
    if (Status status = vocabulary.add(spelling, id, value.size()); !status) return status.error();
  }
  if (Status status = vocabulary.find_bytes(); !status) return status.error();
  return vocabulary;
}

Status Vocabulary::add(const std::string& spelling, const json& id, size_t token_count) {
  if (spelling.empty()) return bad(place_, " has a token of no characters");
  const auto the_id = [&] { return ": the id of " + quoted(spelling); };
  if (!id.is_number_integer()) return bad(place_, the_id() + " is not an integer");
  const int64_t largest =
      std::min(kLargestId, static_cast<int64_t>(token_count) - 1 + kMaxUnusedIds);
  // An unsigned number above INT64_MAX would look negative as int64_t.
  const bool fits = id.is_number_unsigned()
                        ? id.get<uint64_t>() <= static_cast<uint64_t>(largest)
                        : id.get<int64_t>() >= 0 && id.get<int64_t>() <= largest;
  if (!fits) {
    return bad(place_, the_id() + " is " + primitive_text(id) + ", outside 0 to " +
                           std::to_string(largest) + " for " + std::to_string(token_count) +
                           " tokens");
  }

  const auto index = id.get<size_t>();
  if (index >= spellings_.size()) spellings_.resize(index + 1);
  if (!spellings_[index].empty()) {
    return bad(place_, ": " + quoted(spellings_[index]) + " and " + quoted(spelling) +
                           " have the same id " + std::to_string(index));
  }
  spellings_[index] = spelling;
  ids_.emplace(spelling, static_cast<int32_t>(index));
  return {};
}

Status Vocabulary::find_bytes() {
  bool found = false;
  for (size_t byte = 0; byte < byte_ids_.size(); ++byte) {
    byte_ids_[byte] = id_of(byte_level_spelling(static_cast<uint8_t>(byte)));
    found = found || byte_ids_[byte] >= 0;
  }
  // Of such a vocabulary no text could be made at all: it is none of a byte-level tokenizer.
  if (!found) return bad(place_, " has no token that is a single byte");
  return {};
}

int32_t Vocabulary::id_of(std::string_view spelling) const {
  const auto found = ids_.find(spelling);
  return found == ids_.end() ? -1 : found->second;
}

std::string_view Vocabulary::spelling_of(int32_t id) const {
  const auto index = static_cast<size_t>(id);
  return index < spellings_.size() ? std::string_view(spellings_[index]) : std::string_view();
}

}  // namespace glassformer
