// Which URLs are spoken to.
#pragma once
#include <string>
#include <string_view>

#include "tacit/result.h"

namespace tacit::oauth {

inline constexpr std::size_t kMostUrlBytes = 2048;

/// Taken apart by the library that also connects, so that no other host is reached than was
/// looked at.
struct Address {
  bool tls = false;
  bool loopback = false;  ///< 127.0.0.0/8, ::1 or `localhost`
  std::string host;
  std::string path;
};

/// Errors, kInvalidArgument: no URL; neither https nor, to the loopback, http; with a user name,
/// password or fragment; with control characters or blanks; over kMostUrlBytes.
Result<Address> parse_address(std::string_view url);

/// `below` after `base`, with one slash between them. `base` has no query.
std::string joined(std::string_view base, std::string_view below);

/// RFC 8414, 3.1: where the document of `issuer` is, between its host and its path. `issuer` has
/// been parsed.
std::string inserted_well_known(std::string_view issuer, std::string_view name);

}  // namespace tacit::oauth
