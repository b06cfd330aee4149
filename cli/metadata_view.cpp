#include "cli/metadata_view.h"

#include "cli/time_text.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {

std::string line_name(const Metadata& item, bool with_collection) {
  if (!with_collection && visible(item.name) == item.name &&
      !item.name.starts_with(kReferenceScheme)) {
    return item.name;
  }
  Reference reference;
  reference.collection = item.collection;
  reference.name = item.name;
  return to_string(reference);
}

std::string_view policy_name(Policy policy) {
  switch (policy) {
    case Policy::kOpen:
      return "open";
    case Policy::kAsk:
      return "ask";
    case Policy::kConfirm:
      return "confirm";
    case Policy::kPinned:
      return "pinned";
    case Policy::kDeny:
      return "deny";
  }
  return "unknown";
}

void write_metadata(JsonWriter& json, const Metadata& item) {
  json.begin_object();
  json.member("collection", item.collection);
  json.member("name", item.name);
  json.member("version", item.version);
  json.member("size", item.value_size);
  json.member("created", rfc3339(item.created));
  json.member("modified", rfc3339(item.modified));
  time_member(json, "expires", item.expires);
  json.member("content_type", item.content_type);
  json.member("policy", policy_name(item.policy));
  json.key("attributes");
  json.begin_object();
  for (const auto& [key, value] : item.attributes) json.member(key, value);
  json.end_object();
  if (item.deleted) json.member("deleted", true);
  if (item.token) json.member("token", true);
  json.end_object();
}

SecretBytes stored_json(const Reference& reference, std::uint64_t version) {
  JsonWriter json;
  json.begin_object();
  json.member("collection", reference.collection);
  json.member("name", reference.name);
  json.member("version", version);
  json.end_object();
  return json.take();
}

}  // namespace tacit::cli
