// References: `tacit://collection/name?attribute=username&version=3`, a name for a
// secret that can stand in a file, an argument or an environment variable.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tacit/result.h"

namespace tacit {

inline constexpr std::string_view kDefaultCollection = "default";
/// What every reference begins with, and no bare name.
inline constexpr std::string_view kReferenceScheme = "tacit://";
inline constexpr std::size_t kMaxNameBytes = 1024;
inline constexpr std::size_t kMaxValueBytes = 768 * 1024;

/// Which part of which version of which item.
struct Reference {
  std::string collection{kDefaultCollection};
  std::string name;
  std::optional<std::string> attribute;  ///< an attribute's value instead of the item's
  std::uint64_t version = 0;             ///< 0 is the newest
};

/// Parses a reference (RFC 3986, percent-encoded; the first path segment after `//` is the
/// collection, the rest, slashes included, the name). Errors, all kInvalidArgument and naming
/// the position: another scheme, an empty or over-long name, bad percent-encoding, NUL,
/// invalid UTF-8, an unknown or repeated query key, a version that is no positive number.
Result<Reference> parse_reference(std::string_view text);

/// `tacit://...` is parsed as a reference; anything else is a name in `collection`, taken as it is.
Result<Reference> parse_name_or_reference(std::string_view text, std::string_view collection);

/// The shortest text that parses to the same reference.
std::string to_string(const Reference& reference);

/// UTF-8 (RFC 3629), no NUL, 1 to kMaxNameBytes bytes. Error kInvalidArgument says which rule
/// `what` (for instance `name`) broke.
Result<void> check_name(std::string_view text, std::string_view what);

}  // namespace tacit
