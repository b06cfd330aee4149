#include "cli/import/json_items.h"

#include <jansson.h>
#include <malloc.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>

#include "cli/import/json_numbers.h"
#include "cli/time_text.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

constexpr int kMostLevels = 256;

void wipe_and_free(void* block) {
  if (block != nullptr) wipe(block, ::malloc_usable_size(block));
  std::free(block);
}

struct Release {
  void operator()(json_t* value) const { json_decref(value); }
};
using Json = std::unique_ptr<json_t, Release>;

std::string_view text_of(const json_t* string) {
  return {json_string_value(string), json_string_length(string)};
}

/// The library's own words quote what it stumbled over.
std::string_view cause(const json_error_t& error) {
  switch (json_error_code(&error)) {
    case json_error_premature_end_of_input:
      return "it ends too early";
    case json_error_end_of_input_expected:
      return "there is more behind its end";
    case json_error_invalid_utf8:
      return "it is not UTF-8";
    case json_error_duplicate_key:
      return "a member is there twice";
    case json_error_stack_overflow:
      return "it is nested too deep";
    default:
      return "it is no JSON";
  }
}

Json load(std::string_view content, json_error_t& error) {
  return Json(
      json_loadb(content.data(), content.size(), JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error));
}

/// Of a member that is there twice: its name, which the library's own words end with.
std::string twice_named(const json_error_t& error) {
  if (json_error_code(&error) != json_error_duplicate_key) return {};
  constexpr std::string_view kNear = " near '\"";
  std::string_view words(error.text);
  const auto begin = words.find(kNear);
  if (begin == std::string_view::npos || !words.ends_with("\"'")) return {};
  words.remove_prefix(begin + kNear.size());
  words.remove_suffix(2);
  return "`" + visible(words) + "` is there twice; leave one of them";
}

/// As .NET's configuration compares keys, as far as the letters of ASCII go.
std::string folded(std::string name) {
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return name;
}

class Reader {
 public:
  Reader(std::string_view file, JsonStyle style, const std::vector<SecretBytes>& numbers)
      : file_(file), style_(style), numbers_(numbers) {}

  Result<std::vector<ImportItem>> read(const json_t* top) {
    if (json_is_array(top)) {
      for (std::size_t i = 0; i < json_array_size(top); ++i) {
        const std::string place = "[" + std::to_string(i) + "]";
        if (auto done = read_exported(json_array_get(top, i), place); !done.ok()) {
          return done.error();
        }
      }
      return std::move(items_);
    }
    const bool one = style_ == JsonStyle::kFlat && is_one_secret(top);
    const auto done = one ? read_exported(top, "") : read_members(top, "", 1);
    if (!done.ok()) return done.error();
    if (style_ == JsonStyle::kDotnet) {
      if (auto distinct = check_distinct(); !distinct.ok()) return distinct.error();
    }
    return std::move(items_);
  }

 private:
  Error wrong(const std::string& member, const std::string& what) const {
    return {Reason::kInvalidArgument,
            visible(file_) + ": " + (member.empty() ? "" : "`" + visible(member) + "`: ") + what};
  }

  Result<void> check_distinct() const {
    std::map<std::string, std::string_view> seen;
    for (const ImportItem& item : items_) {
      const auto [there, fresh] = seen.emplace(folded(item.name), item.name);
      if (fresh) continue;
      return Error{Reason::kInvalidArgument,
                   visible(file_) + ": `" + visible(there->second) + "` and `" +
                       visible(item.name) +
                       "` are the same key to .NET, which heeds no capitals; leave one of them"};
    }
    return {};
  }

  /// And no object of secrets, two of which are called "name" and "value".
  static bool is_one_secret(const json_t* object) {
    if (!json_is_string(json_object_get(object, "name")) ||
        !json_is_string(json_object_get(object, "value"))) {
      return false;
    }
    if (json_is_string(json_object_get(object, "encoding"))) return true;
    constexpr std::array<std::string_view, 6> kMembers = {
        "name", "value", "collection", "attributes", "content_type", "expires"};
    auto* const members = const_cast<json_t*>(object);  // as in read_members
    for (void* at = json_object_iter(members); at != nullptr;
         at = json_object_iter_next(members, at)) {
      const std::string_view key = json_object_iter_key(at);
      if (std::ranges::find(kMembers, key) == kMembers.end()) return false;
    }
    return true;
  }

  Result<void> add(const std::string& name, SecretBytes value) {
    if (auto good = check_name(name, "name"); !good.ok()) {
      return wrong(name, good.error().message);
    }
    ImportItem& item = items_.emplace_back();
    item.name = name;
    item.value = std::move(value);
    return {};
  }

  Result<void> read_value(const std::string& name, const json_t* value, int level) {
    if (json_is_string(value)) return add(name, SecretBytes::copy_of(text_of(value)));
    if (json_is_boolean(value)) {
      return add(name,
                 SecretBytes::copy_of(std::string_view(json_is_true(value) ? "true" : "false")));
    }
    if (json_is_integer(value)) {
      const auto& written = numbers_[static_cast<std::size_t>(json_integer_value(value))];
      return add(name, SecretBytes::copy_of(written.bytes()));
    }
    if (json_is_null(value)) return wrong(name, "null is no value; take it out");
    if (style_ == JsonStyle::kFlat) {
      return wrong(name, "a value is needed, and this is an object or an array");
    }
    if (level == kMostLevels) {
      return Error{Reason::kLimit, visible(file_) + ": it is nested too deep"};
    }
    if (json_is_object(value)) return read_members(value, name + ":", level + 1);
    for (std::size_t i = 0; i < json_array_size(value); ++i) {
      auto done = read_value(name + ":" + std::to_string(i), json_array_get(value, i), level + 1);
      if (!done.ok()) return done;
    }
    return {};
  }

  Result<void> read_members(const json_t* object, const std::string& before, int level) {
    // The iterator is not const in the library; nothing is changed.
    auto* const members = const_cast<json_t*>(object);
    for (void* at = json_object_iter(members); at != nullptr;
         at = json_object_iter_next(members, at)) {
      auto done = read_value(before + json_object_iter_key(at), json_object_iter_value(at), level);
      if (!done.ok()) return done;
    }
    return {};
  }

  Result<SecretBytes> decoded(const json_t* object, const std::string& place) const {
    const auto text = text_of(json_object_get(object, "value"));
    const json_t* const encoding = json_object_get(object, "encoding");
    if (encoding == nullptr || text_of(encoding) == "utf-8") return SecretBytes::copy_of(text);
    if (text_of(encoding) != "base64") return wrong(place, "an unknown encoding");
    SecretBytes bytes(text.size());
    std::size_t size = 0;
    if (sodium_base642bin(bytes.writable().data(), bytes.size(), text.data(), text.size(), nullptr,
                          &size, nullptr, sodium_base64_VARIANT_ORIGINAL) != 0) {
      return wrong(place, "its value is no base64");
    }
    bytes.truncate(size);
    return bytes;
  }

  Result<void> read_exported(const json_t* object, const std::string& place) {
    const json_t* const encoding = json_object_get(object, "encoding");
    if (!json_is_string(json_object_get(object, "name")) ||
        !json_is_string(json_object_get(object, "value")) ||
        (encoding != nullptr && !json_is_string(encoding))) {
      return wrong(place, "a secret has the members \"name\" and \"value\", strings");
    }
    auto value = decoded(object, place);
    if (!value.ok()) return value.error();
    const std::string name(text_of(json_object_get(object, "name")));
    if (auto added = add(name, std::move(*value)); !added.ok()) return added;
    return read_metadata(object, items_.back());
  }

  Result<void> read_metadata(const json_t* object, ImportItem& item) const {
    if (const json_t* const collection = json_object_get(object, "collection")) {
      if (!json_is_string(collection) || !check_name(text_of(collection), "collection").ok()) {
        return wrong(item.name, "its collection has no name that one can have");
      }
      item.collection = text_of(collection);
    }
    if (const json_t* const type = json_object_get(object, "content_type")) {
      if (!json_is_string(type)) return wrong(item.name, "its content type is no string");
      if (json_string_length(type) != 0) item.content_type = text_of(type);
    }
    if (auto done = read_expiry(json_object_get(object, "expires"), item); !done.ok()) return done;
    return read_attributes(json_object_get(object, "attributes"), item);
  }

  Result<void> read_expiry(const json_t* expires, ImportItem& item) const {
    if (expires == nullptr || json_is_null(expires)) return {};
    if (!json_is_string(expires)) return wrong(item.name, "its expiry is no date");
    const auto when = parse_expiry(text_of(expires), now_unix_ms());
    if (!when.ok()) return wrong(item.name, "its expiry is no date that is to come");
    item.expires = *when;
    return {};
  }

  Result<void> read_attributes(const json_t* attributes, ImportItem& item) const {
    if (attributes == nullptr) return {};
    if (!json_is_object(attributes)) return wrong(item.name, "its attributes are no object");
    auto* const members = const_cast<json_t*>(attributes);
    for (void* at = json_object_iter(members); at != nullptr;
         at = json_object_iter_next(members, at)) {
      const json_t* const value = json_object_iter_value(at);
      if (!json_is_string(value)) return wrong(item.name, "an attribute is no string");
      item.attributes.emplace(json_object_iter_key(at), text_of(value));
    }
    return {};
  }

  std::string_view file_;
  JsonStyle style_;
  const std::vector<SecretBytes>& numbers_;
  std::vector<ImportItem> items_;
};

}  // namespace

Result<std::vector<ImportItem>> parse_json_items(std::string_view content, std::string_view file,
                                                 JsonStyle style) {
  json_set_alloc_funcs(std::malloc, wipe_and_free);
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (content.starts_with(kByteOrderMark)) content.remove_prefix(kByteOrderMark.size());
  const CountedJson counted = count_numbers(content);
  const auto bytes = counted.text.bytes();
  json_error_t error{};
  const Json top = load({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, error);
  if (top && !counted.malformed) return Reader(file, style, counted.numbers).read(top.get());
  // The place is that in the text as it was written, unless a number is in the way there.
  json_error_t written{};
  if (!load(content, written) && json_error_code(&written) != json_error_numeric_overflow) {
    error = written;
  }
  const std::string twice = twice_named(error);
  Error refusal{Reason::kInvalidArgument, visible(file) + ":" + std::to_string(error.line) + ":" +
                                              std::to_string(error.column) + ": " +
                                              (twice.empty() ? std::string(cause(error)) : twice)};
  wipe(error.text, sizeof error.text);
  wipe(written.text, sizeof written.text);
  return refusal;
}

}  // namespace tacit::cli
