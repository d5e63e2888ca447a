// The JSON header of a safetensors file, read event by event: no tree is built, so a hostile header
// can neither nest deeply nor hide a name behind a second one.
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "core/grouped_number.h"
#include "core/json_text.h"
#include "core/quote.h"
#include "core/safetensors.h"
#include "core/stable_sort.h"

namespace glassformer {
namespace {

// Generous: GPT-2's tensors have at most four dimensions (the causal mask's buffer).
constexpr size_t kMaxRank = 16;

std::optional<Dtype> dtype_from(std::string_view name) {
  for (const Dtype dtype : {Dtype::bool8, Dtype::u8, Dtype::i8, Dtype::i16, Dtype::i32, Dtype::i64,
                            Dtype::f16, Dtype::bf16, Dtype::f32, Dtype::f64}) {
    if (name == dtype_name(dtype)) return dtype;
  }
  return std::nullopt;
}

// Receives nlohmann's SAX events. Each handler returns false to stop, with problem() saying why.
class HeaderHandler {
 public:
  bool null() { return unexpected("null"); }
  bool boolean(bool) { return unexpected("a boolean"); }
  bool binary(nlohmann::json::binary_t&) { return unexpected("binary data"); }
  bool number_float(double, const std::string&) {
    return unexpected("a number that is not a 64-bit integer");
  }
  bool number_integer(int64_t value) {
    if (value >= 0) return number_unsigned(static_cast<uint64_t>(value));
    return unexpected("the negative number " + std::to_string(value));
  }

  bool number_unsigned(uint64_t value) {
    if (place_ == Place::shape) {
      if (entry_.shape.size() == kMaxRank) {
        return fail("has more than " + std::to_string(kMaxRank) + " dimensions");
      }
      if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
        return unexpected("the number " + std::to_string(value));
      }
      entry_.shape.push_back(static_cast<int64_t>(value));
      return true;
    }
    if (place_ == Place::offsets) {
      if (offsets_ == 2) return fail("has more than two data_offsets");
      (offsets_++ == 0 ? entry_.begin : entry_.end) = value;
      return true;
    }
    return unexpected("a number");
  }

  bool string(std::string& value) {
    if (place_ == Place::metadata) {
      header.metadata[key_] = value;
      return true;
    }
    if (place_ != Place::entry || key_ != "dtype") return unexpected("a string");
    const std::optional<Dtype> dtype = dtype_from(value);
    if (!dtype) return fail("has the unknown dtype " + quoted(value));
    entry_.dtype = *dtype;
    return true;
  }

  bool start_object(size_t) {
    if (place_ == Place::before) {
      place_ = Place::top;
    } else if (place_ == Place::top && key_ == "__metadata__") {
      place_ = Place::metadata;
    } else if (place_ == Place::top) {
      place_ = Place::entry;
      entry_ = SafetensorsEntry{};
      entry_.name = key_;
      fields_.clear();
      offsets_ = 0;
    } else {
      return unexpected("an object");
    }
    return true;
  }

  bool key(std::string& name) {
    key_ = name;
    if (place_ == Place::top) {
      tensor_ = name;
      if (!names_.insert(name).second) return fail("is there twice");
    } else if (place_ == Place::entry) {
      if (name != "dtype" && name != "shape" && name != "data_offsets") {
        return fail("has the unknown field " + quoted(name));
      }
      if (!fields_.insert(name).second) return fail("has " + name + " twice");
    }
    return true;
  }

  bool end_object() {
    if (place_ == Place::entry) {
      for (const char* field : {"dtype", "shape", "data_offsets"}) {
        if (!fields_.contains(field)) return fail(std::string("has no ") + field);
      }
      header.entries.push_back(std::move(entry_));
    }
    place_ = place_ == Place::top ? Place::after : Place::top;
    return true;
  }

  bool start_array(size_t) {
    if (place_ == Place::entry && key_ == "shape") {
      place_ = Place::shape;
    } else if (place_ == Place::entry && key_ == "data_offsets") {
      place_ = Place::offsets;
    } else {
      return unexpected("an array");
    }
    return true;
  }

  bool end_array() {
    if (place_ == Place::offsets && offsets_ != 2) return fail("has fewer than two data_offsets");
    place_ = Place::entry;
    return true;
  }

  template <class Exception>
  bool parse_error(size_t position, const std::string&, const Exception&) {
    error_position = position > 0 ? position - 1 : 0;
    return false;
  }

  SafetensorsHeader header;
  std::string problem;
  size_t error_position = 0;

 private:
  enum class Place { before, top, metadata, entry, shape, offsets, after };

  // About the tensor (or __metadata__) at hand.
  bool fail(const std::string& what) {
    problem =
        (tensor_ == "__metadata__" ? "__metadata__" : "tensor " + quoted(tensor_)) + " " + what;
    return false;
  }

  bool unexpected(const std::string& what) {
    switch (place_) {
      case Place::shape:
      case Place::offsets:
        return fail("has " + what + " in its " + key_);
      case Place::entry:
        return fail("has " + what + " as its " + key_);
      case Place::metadata:
        return fail("has " + what + " at " + quoted(key_) + " instead of a string");
      case Place::top:
        return fail("is " + what + " instead of an object");
      default:
        problem = "the header is " + what + " instead of a JSON object";
        return false;
    }
  }

  Place place_ = Place::before;
  std::string tensor_;
  std::string key_;
  SafetensorsEntry entry_;
  std::set<std::string> fields_;
  int offsets_ = 0;
  std::set<std::string> names_;
};

// The bytes that a shape and dtype need; nothing where the product overflows.
std::optional<uint64_t> bytes_of(const SafetensorsEntry& entry) {
  uint64_t bytes = static_cast<uint64_t>(dtype_bytes(entry.dtype));
  for (const int64_t dimension : entry.shape) {
    const uint64_t factor = static_cast<uint64_t>(dimension);
    if (factor != 0 && bytes > std::numeric_limits<int64_t>::max() / factor) return std::nullopt;
    bytes *= factor;
  }
  return bytes;
}

// What is wrong with one tensor's byte range by itself; empty where nothing is.
std::string range_problem(const SafetensorsEntry& entry) {
  const std::optional<uint64_t> bytes = bytes_of(entry);
  if (!bytes) return "has a shape whose size overflows";
  if (entry.begin > entry.end) {
    return "begins at byte " + grouped(entry.begin) + ", after its end at " + grouped(entry.end);
  }
  if (entry.end - entry.begin != *bytes) {
    return "has data_offsets of " + grouped(entry.end - entry.begin) +
           " bytes, but its shape and dtype need " + grouped(*bytes);
  }
  return "";
}

}  // namespace

Result<SafetensorsHeader> parse_safetensors_header(std::string_view json, uint64_t file_bytes) {
  const auto bad = [](const std::string& what) {
    return Error{ErrorCode::bad_weights, "model.safetensors: " + what};
  };
  // The format's own rule; nlohmann would skip white space and a byte order mark.
  if (json.empty() || json.front() != '{') return bad("the header does not begin with {");
  HeaderHandler handler;
  if (!nlohmann::json::sax_parse(json.begin(), json.end(), &handler)) {
    return bad(!handler.problem.empty() ? handler.problem
                                        : "the header is not valid JSON " +
                                              describe_json_position(json, handler.error_position));
  }
  // nlohmann takes a zero byte for the end of the text, and so would ignore what follows it.
  if (const size_t zero = json.find('\0'); zero != std::string_view::npos) {
    return bad("the header is not valid JSON " + describe_json_position(json, zero));
  }

  SafetensorsHeader header = std::move(handler.header);
  stable_sort(header.entries, [](const auto& a, const auto& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
  });
  for (const SafetensorsEntry& entry : header.entries) {
    if (const std::string problem = range_problem(entry); !problem.empty()) {
      return bad("tensor " + quoted(entry.name) + " " + problem);
    }
    if (entry.begin < header.data_bytes) {
      return bad("tensor " + quoted(entry.name) + " overlaps the one before it");
    }
    if (entry.begin > header.data_bytes) {
      return bad("there is a hole of " + grouped(entry.begin - header.data_bytes) +
                 " bytes before tensor " + quoted(entry.name));
    }
    header.data_bytes = entry.end;
  }

  header.data_start = 8 + json.size();
  if (header.data_bytes > std::numeric_limits<int64_t>::max() - header.data_start) {
    return bad("its tensors are larger than any file");
  }
  const uint64_t described = header.data_start + header.data_bytes;
  if (file_bytes != 0 && file_bytes < described) {
    return bad("is truncated: it has " + grouped(file_bytes) + " of the " + grouped(described) +
               " bytes that its header describes");
  }
  if (file_bytes > described) {
    return bad("has " + grouped(file_bytes) + " bytes, but its header describes only " +
               grouped(described));
  }
  return header;
}

}  // namespace glassformer
