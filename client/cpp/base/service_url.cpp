#include "tacit/service_url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <span>

namespace tacit {
namespace {

constexpr std::size_t kMaxUrl = 8192;
constexpr std::size_t kMaxHost = 255;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
/// RFC 3986, 2.3.
bool is_unreserved(char c) {
  return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_odd(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= 0x20 || byte == 0x7f || c == '\\';
}

/// -1: no hexadecimal digit.
int digit_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void append_escaped(std::string& out, unsigned char byte) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  out += '%';
  out += kHex[byte >> 4U];
  out += kHex[byte & 0xfU];
}

/// One segment with each escape written in the one way. None: a broken escape, or one of a
/// character that some servers take for a slash or an end.
std::optional<std::string> normal_segment(std::string_view raw) {
  std::string out;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '%') {
      const auto byte = static_cast<unsigned char>(raw[i]);
      byte >= 0x80 ? append_escaped(out, byte) : out.push_back(raw[i]);
      continue;
    }
    const int high = i + 2 < raw.size() ? digit_value(raw[i + 1]) : -1;
    const int low = i + 2 < raw.size() ? digit_value(raw[i + 2]) : -1;
    if (high < 0 || low < 0) return {};
    const char byte = static_cast<char>(high * 16 + low);
    if (byte == '/' || byte == '\\' || byte == '\0') return {};
    is_unreserved(byte) ? out.push_back(byte)
                        : append_escaped(out, static_cast<unsigned char>(byte));
    i += 2;
  }
  return out;
}

/// `path` begins with a slash, or is empty. Dot segments go (RFC 3986, 5.2.4).
std::optional<std::vector<std::string>> parse_path(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    auto segment = normal_segment(path.substr(0, end));
    path.remove_prefix(end);
    if (!segment) return {};
    const std::string name = segment->substr(0, segment->find(';'));
    const bool dots = name == "." || name == "..";
    if (dots && name != *segment) return {};  // some servers drop what is behind the `;` first
    if (dots) {
      if (name == ".." && !segments.empty()) segments.pop_back();
      if (path.empty()) segments.emplace_back();
    } else {
      segments.push_back(*std::move(segment));
    }
  }
  if (!segments.empty() && segments.back().empty()) segments.pop_back();
  return segments;
}

std::optional<std::string> parse_host(std::string_view raw) {
  if (raw.starts_with('[')) {
    if (!raw.ends_with(']')) return {};
    const std::string inner(raw.substr(1, raw.size() - 2));
    in6_addr address{};
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (::inet_pton(AF_INET6, inner.c_str(), &address) != 1) return {};
    if (::inet_ntop(AF_INET6, &address, text.data(), text.size()) == nullptr) return {};
    return "[" + std::string(text.data()) + "]";
  }
  if (raw.ends_with('.')) raw.remove_suffix(1);  // the root of the names
  const auto fits = [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; };
  bool label_begins = true;
  for (const char c : raw) {
    if (c == '.' ? label_begins : !fits(c)) return {};
    label_begins = c == '.';
  }
  if (label_begins) return {};
  return lower(raw);
}

/// Sets host and port.
bool parse_authority(std::string_view text, ServiceUrl& out) {
  const std::size_t user_end = text.find('@');
  if (user_end != std::string_view::npos) text.remove_prefix(user_end + 1);
  if (text.find('@') != std::string_view::npos) return false;
  const std::size_t colon = text.find(':', text.starts_with('[') ? text.find(']') : 0);
  const std::string_view digits =
      colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  auto host = parse_host(text.substr(0, colon));
  constexpr std::size_t kMostDigits = 5;
  if (!host || host->size() > kMaxHost || digits.size() > kMostDigits ||
      !std::ranges::all_of(digits, is_digit)) {
    return false;
  }
  out.host = *std::move(host);
  if (digits.empty()) return true;
  std::uint32_t port = 0;
  for (const char c : digits) port = port * 10 + static_cast<std::uint32_t>(c - '0');
  if (port == 0 || port > 65535) return false;
  out.port = static_cast<std::uint16_t>(port);
  return true;
}

std::uint16_t own_port(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

/// With the port that stands for none.
std::uint16_t port_of(const ServiceUrl& url, std::string_view scheme) {
  return url.port.value_or(own_port(scheme));
}

}  // namespace

std::optional<ServiceUrl> parse_service_url(std::string_view text) {
  if (text.empty() || text.size() > kMaxUrl || std::ranges::any_of(text, is_odd)) return {};
  ServiceUrl out;
  const std::size_t mark = text.find("://");
  if (mark == std::string_view::npos) {
    // Nothing that could be the path or the user of something else.
    if (text.find_first_of("/?#@") != std::string_view::npos) return {};
    if (!parse_authority(text, out)) return {};
    return out;
  }
  out.scheme = lower(text.substr(0, mark));
  if (out.scheme != "http" && out.scheme != "https") return {};
  text.remove_prefix(mark + 3);
  const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
  if (!parse_authority(text.substr(0, end), out)) return {};
  if (out.port == own_port(out.scheme)) out.port.reset();
  const std::string_view rest = text.substr(end);
  auto segments = parse_path(rest.substr(0, rest.find_first_of("?#")));
  if (!segments) return {};
  out.segments = *std::move(segments);
  return out;
}

std::string to_string(const ServiceUrl& url) {
  std::string out = url.scheme.empty() ? "" : url.scheme + "://";
  out += url.host;
  if (url.port) out += ":" + std::to_string(*url.port);
  for (const std::string& segment : url.segments) out += "/" + segment;
  // An empty last segment would be lost otherwise.
  if (!url.segments.empty() && url.segments.back().empty()) out += "/";
  return out;
}

bool is_below(const ServiceUrl& url, const ServiceUrl& address) {
  if (address.scheme.empty() || url.host != address.host ||
      port_of(url, address.scheme) != port_of(address, address.scheme)) {
    return false;
  }
  if (!url.scheme.empty() && url.scheme != address.scheme) return false;
  if (url.segments.size() < address.segments.size()) return false;
  return std::ranges::equal(address.segments,
                            std::span(url.segments).first(address.segments.size()));
}

}  // namespace tacit
