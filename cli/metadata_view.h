// Metadata of items, for people and for programs.
#pragma once
#include <string>

#include "cli/json.h"
#include "tacit/client.h"

namespace tacit::cli {

/// How a name is printed on a line of its own: as it is, or as a reference where the name has
/// control characters or begins like a reference.
std::string line_name(const Metadata& item, bool with_collection);

/// The members `collection`, `name`, `version`, `size`, `created`, `modified`, `expires` (null:
/// never), `content_type`, `policy`, `attributes`, and `deleted` and
/// `token` where true. Times are RFC 3339.
void write_metadata(JsonWriter& json, const Metadata& item);

/// `{"collection", "name", "version"}` of what was stored, as a document.
SecretBytes stored_json(const Reference& reference, std::uint64_t version);

std::string_view policy_name(Policy policy);

}  // namespace tacit::cli
