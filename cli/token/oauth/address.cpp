#include "cli/token/oauth/address.h"

#include <arpa/inet.h>
#include <curl/curl.h>

#include <algorithm>
#include <memory>

#include "client/cpp/terminal/display_text.h"

namespace tacit::oauth {
namespace {

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, FreeUrl>;

/// Empty: the URL has no such part.
std::string part(CURLU* url, CURLUPart which) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, 0) != CURLUE_OK) return {};
  std::string out(text);
  curl_free(text);
  return out;
}

bool is_loopback(const std::string& host) {
  if (host == "localhost") return true;
  in_addr four{};
  if (inet_pton(AF_INET, host.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24) == 127;
  in6_addr six{};
  if (host.size() < 2 || host.front() != '[' || host.back() != ']') return false;
  return inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &six) == 1 &&
         IN6_IS_ADDR_LOOPBACK(&six);
}

Error refused(std::string_view url, const std::string& why) {
  return {Reason::kInvalidArgument, "the URL `" + shortened(visible(url), 120) + "` " + why};
}

}  // namespace

Result<Address> parse_address(std::string_view url) {
  if (url.size() > kMostUrlBytes) return refused(url, "is too long");
  const auto odd = [](char c) { return c <= ' ' || c == 0x7f || c == '\\'; };
  if (std::ranges::any_of(url, odd)) return refused(url, "has a blank or a character that is none");
  const Url parsed(curl_url());
  if (parsed == nullptr) throw std::bad_alloc();
  const std::string text(url);
  if (curl_url_set(parsed.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return refused(url, "cannot be read; it begins with https://");
  }
  const std::string scheme = part(parsed.get(), CURLUPART_SCHEME);
  Address out;
  out.tls = scheme == "https";
  out.host = part(parsed.get(), CURLUPART_HOST);
  std::ranges::transform(out.host, out.host.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  out.path = part(parsed.get(), CURLUPART_PATH);
  out.loopback = is_loopback(out.host);
  if (!out.tls && scheme != "http") return refused(url, "is no https one");
  if (out.host.empty()) return refused(url, "names no host");
  if (url.find('@') < url.find('/', url.find("//") + 2)) {
    return refused(url, "holds a user name; leave it out");
  }
  if (url.find('#') != std::string_view::npos) return refused(url, "has a `#`; leave it out");
  if (!out.tls && !out.loopback) {
    return refused(url, "is not encrypted; http is for 127.0.0.1, [::1] and localhost alone");
  }
  return out;
}

std::string joined(std::string_view base, std::string_view below) {
  while (base.ends_with('/')) base.remove_suffix(1);
  while (below.starts_with('/')) below.remove_prefix(1);
  return std::string(base) + "/" + std::string(below);
}

std::string inserted_well_known(std::string_view issuer, std::string_view name) {
  while (issuer.ends_with('/')) issuer.remove_suffix(1);
  const std::size_t path = std::min(issuer.find('/', issuer.find("//") + 2), issuer.size());
  return std::string(issuer.substr(0, path)) + "/.well-known/" + std::string(name) +
         std::string(issuer.substr(path));
}

}  // namespace tacit::oauth
