// Which server a URL is of: whether what is kept for one address may be given for another.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tacit {

/// A URL of http or https in the one way in which all that mean the same are written, without user,
/// query and fragment.
struct ServiceUrl {
  std::string scheme;  ///< `http`, `https`; empty: a bare HOST or HOST:PORT
  std::string host;    ///< in lower case; IPv6 in brackets, as inet_ntop(3) writes it
  std::optional<std::uint16_t> port;  ///< none: the scheme's own
  std::vector<std::string> segments;  ///< of the path, without an empty last one

  bool operator==(const ServiceUrl&) const = default;
};

/// None for what is no such URL, and for what two programs might read differently: a backslash, a
/// blank or control character, two `@`, an encoded slash, an escape in the host, dots with a `;`.
std::optional<ServiceUrl> parse_service_url(std::string_view text);

/// `https://host:8443/a/b`; parses to the same.
std::string to_string(const ServiceUrl& url);

/// `url` is at or below `address`: equal in scheme, host and port, and in its path as far as that
/// of `address` goes. A bare host is below an address without a path.
bool is_below(const ServiceUrl& url, const ServiceUrl& address);

}  // namespace tacit
