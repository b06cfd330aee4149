// One JSON object with nothing nested: what tacit-renew is told and what it answers.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace tacit {

/// Members by name. A string is its text; everything else is as it is written.
using FlatJson = std::map<std::string, std::string>;

/// None: it is no such object (RFC 8259), or not UTF-8. Of equal names the last counts.
std::optional<FlatJson> parse_flat_json(std::string_view text);

/// A string in quotes; `text` is UTF-8.
std::string json_string(std::string_view text);

}  // namespace tacit
