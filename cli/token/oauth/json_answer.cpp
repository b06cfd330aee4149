#include "cli/token/oauth/json_answer.h"

#include <algorithm>
#include <cmath>

#include "cli/token/oauth/address.h"
#include "cli/token/oauth/wiped_json.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::oauth {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr double kLongestLifeSeconds = 10.0 * 366 * 24 * 3600;
constexpr std::size_t kMostShown = 200;
constexpr std::size_t kMostCodeBytes = 64;
constexpr std::size_t kMostListed = 64;

Error wrong(const std::string& what) { return {Reason::kProtocol, what}; }

bool visible_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7e; });
}

/// Empty: there is none.
Result<SecretBytes> token_member(const json_t* object, const char* name) {
  const auto text = text_member(object, name);
  if (!text) return text.error();
  if (!*text) return SecretBytes();
  const std::string quoted = "`" + std::string(name) + "`";
  if ((*text)->empty()) return wrong(quoted + " is empty");
  if ((*text)->size() > kMostTokenBytes) return wrong(quoted + " is over 128 KiB");
  if (!visible_ascii(**text)) return wrong(quoted + " has characters that no token has");
  return SecretBytes::copy_of(**text);
}

/// Some servers put the number in quotes.
Result<std::optional<double>> number_member(const json_t* object, const char* name) {
  const json_t* const member = json_object_get(object, name);
  if (member == nullptr || json_is_null(member)) return std::optional<double>{};
  if (json_is_real(member)) return std::optional<double>(json_real_value(member));
  const std::string_view text =
      json_is_string(member)
          ? std::string_view(json_string_value(member), json_string_length(member))
          : std::string_view();
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty() || text.size() > 15 || !std::ranges::all_of(text, digit)) {
    return wrong("`" + std::string(name) + "` is no number");
  }
  return std::optional<double>(std::stod(std::string(text)));
}

Result<std::optional<double>> life_member(const json_t* object) {
  const auto life = number_member(object, "expires_in");
  if (!life || !*life) return life;
  if (!(**life > 0)) return wrong("`expires_in` says that it has run out already");
  return std::optional<double>(std::min(**life, kLongestLifeSeconds));
}

Result<std::string> shown_member(const json_t* object, const char* name, std::size_t most) {
  const auto text = text_member(object, name);
  if (!text) return text.error();
  if (!*text) return std::string();
  if ((*text)->size() > most) return wrong("`" + std::string(name) + "` is too long");
  return std::string(**text);
}

/// One that the user is sent to.
Result<std::string> page_member(const json_t* object, const char* name) {
  auto url = shown_member(object, name, kMostUrlBytes);
  if (!url || url->empty()) return url;
  if (!visible_ascii(*url)) return wrong("`" + std::string(name) + "` has odd characters");
  if (auto good = parse_address(*url); !good) {
    return wrong("`" + std::string(name) + "`: " + good.error().message);
  }
  return url;
}

Result<std::vector<std::string>> list_member(const json_t* object, const char* name) {
  std::vector<std::string> out;
  const json_t* const list = json_object_get(object, name);
  if (list == nullptr || json_is_null(list)) return out;
  if (!json_is_array(list)) return wrong("`" + std::string(name) + "` is no array");
  for (std::size_t i = 0; i < std::min(json_array_size(list), kMostListed); ++i) {
    const json_t* const entry = json_array_get(list, i);
    if (!json_is_string(entry)) return wrong("`" + std::string(name) + "` holds no texts");
    out.emplace_back(json_string_value(entry), std::min(json_string_length(entry), kMostUrlBytes));
  }
  return out;
}

}  // namespace

Result<TokenAnswer> parse_token_answer(std::span<const unsigned char> body) {
  const auto top = load_object(body);
  if (!top) return top.error();
  TokenAnswer out;
  const std::pair<const char*, SecretBytes*> tokens[] = {{"access_token", &out.access_token},
                                                         {"refresh_token", &out.refresh_token},
                                                         {"id_token", &out.id_token}};
  for (const auto& [name, place] : tokens) {
    auto token = token_member(top->get(), name);
    if (!token) return token.error();
    *place = std::move(*token);
  }
  if (out.access_token.empty() && out.id_token.empty()) return wrong("it holds no token");
  const auto life = life_member(top->get());
  if (!life) return life.error();
  if (*life) out.lives = std::max(milliseconds(1), milliseconds(std::llround(**life * 1000)));
  return out;
}

Result<DeviceAnswer> parse_device_answer(std::span<const unsigned char> body) {
  const auto top = load_object(body);
  if (!top) return top.error();
  DeviceAnswer out;
  auto code = token_member(top->get(), "device_code");
  if (!code) return code.error();
  if (code->empty()) return wrong("`device_code` is missing");
  out.device_code = std::move(*code);
  auto user_code = shown_member(top->get(), "user_code", kMostCodeBytes);
  if (!user_code) return user_code.error();
  if (user_code->empty()) return wrong("`user_code` is missing");
  if (visible(*user_code) != *user_code) return wrong("`user_code` has odd characters");
  out.user_code = std::move(*user_code);
  auto page = page_member(top->get(), "verification_uri");
  if (!page) return page.error();
  if (page->empty()) return wrong("`verification_uri` is missing");
  out.verification_uri = std::move(*page);
  auto complete = page_member(top->get(), "verification_uri_complete");
  if (!complete) return complete.error();
  out.verification_uri_complete = std::move(*complete);
  const auto life = life_member(top->get());
  if (!life) return life.error();
  if (!*life) return wrong("`expires_in` is missing");
  out.lives = seconds(std::llround(std::ceil(**life)));
  const auto interval = number_member(top->get(), "interval");
  if (!interval) return interval.error();
  if (*interval) {
    if (!(**interval >= 0)) return wrong("`interval` is below 0");
    // A server that says 0 is not asked without a pause.
    out.interval = seconds(std::llround(std::ceil(std::clamp(**interval, 1.0, 3600.0))));
  }
  return out;
}

std::optional<ErrorAnswer> parse_error_answer(std::span<const unsigned char> body) {
  const auto top = load_object(body);
  if (!top) return {};
  const auto code = text_member(top->get(), "error");
  if (!code || !*code || (*code)->empty() || (*code)->size() > kMostCodeBytes) return {};
  const auto plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("_.:/-").find(c) != std::string_view::npos;
  };
  if (!std::ranges::all_of(**code, plain)) return {};
  ErrorAnswer out{std::string(**code), {}};
  const auto description = text_member(top->get(), "error_description");
  // Cut before it is made visible as well: it may be 1 MiB.
  if (description && *description) {
    out.description = shortened(visible((*description)->substr(0, 4 * kMostShown)), kMostShown);
  }
  return out;
}

Result<Metadata> parse_metadata(std::span<const unsigned char> body) {
  const auto top = load_object(body);
  if (!top) return top.error();
  Metadata out;
  const std::pair<const char*, std::string*> texts[] = {
      {"issuer", &out.issuer},
      {"device_authorization_endpoint", &out.device_authorization_endpoint},
      {"token_endpoint", &out.token_endpoint},
      {"revocation_endpoint", &out.revocation_endpoint}};
  for (const auto& [name, place] : texts) {
    auto url = page_member(top->get(), name);
    if (!url) return url.error();
    *place = std::move(*url);
  }
  if (out.issuer.empty()) return wrong("`issuer` is missing");
  auto grants = list_member(top->get(), "grant_types_supported");
  if (!grants) return grants.error();
  out.grant_types = std::move(*grants);
  auto methods = list_member(top->get(), "code_challenge_methods_supported");
  if (!methods) return methods.error();
  out.code_challenge_methods = std::move(*methods);
  return out;
}

}  // namespace tacit::oauth
