#include "cli/token/oauth/form.h"

#include <algorithm>

#include "client/cpp/base/utf8.h"  // as_bytes
#include "tacit/percent_forms.h"

namespace tacit::oauth {
namespace {

constexpr const PercentRule& kFormRule = kPercentRules.back();  // of URLs and bodies of forms
constexpr std::string_view kDigits = "0123456789ABCDEF";

}  // namespace

void Form::append(std::string_view name, std::span<const unsigned char> value) {
  if (body_.size() != 0) body_.append('&');
  body_.append(percent_encoded(as_bytes(name), kFormRule, kDigits).bytes());
  body_.append('=');
  body_.append(percent_encoded(value, kFormRule, kDigits).bytes());
}

void Form::add(std::string_view name, std::string_view value) { append(name, as_bytes(value)); }

void Form::add_secret(std::string_view name, std::span<const unsigned char> value) {
  append(name, value);
  guard(value);
}

void Form::guard(std::span<const unsigned char> value) {
  if (!value.empty()) secrets_.push_back(SecretBytes::copy_of(value));
}

bool Form::tells_in(std::string_view text) const {
  const auto shown = as_bytes(text);
  return std::ranges::any_of(secrets_, [&](const SecretBytes& secret) {
    const auto hidden = secret.bytes();
    return std::search(shown.begin(), shown.end(), hidden.begin(), hidden.end()) != shown.end();
  });
}

}  // namespace tacit::oauth
