// Secrets from JSON (RFC 8259).
#pragma once
#include <string_view>
#include <vector>

#include "cli/import/item.h"

namespace tacit::cli {

/// What a nested object or array means.
enum class JsonStyle {
  kFlat,    ///< nothing: it is refused
  kDotnet,  ///< as .NET's configuration flattens it: `A:B`, `A:0`
};

/// An object `{"NAME": "VALUE", ...}`; or, but for kDotnet, what `--json` prints of a secret,
/// `{"name", "value", "encoding"?, "collection"?, "attributes"?, "content_type"?, "expires"?}`; or
/// an array of those. Other members of a secret are passed over; without "encoding" an object that
/// has others is one of names and values. A number, however long, and `true` or `false` are taken
/// as they are written; `null` is refused. Everything that the library holds is wiped.
/// Errors, kInvalidArgument, naming `file` and the place or the member, never a value: no JSON; a
/// member twice, for kDotnet also one that differs from another by capitals (a to z) alone, with
/// both names; what can be no secret. kLimit: over 256 levels deep.
Result<std::vector<ImportItem>> parse_json_items(std::string_view content, std::string_view file,
                                                 JsonStyle style);

}  // namespace tacit::cli
