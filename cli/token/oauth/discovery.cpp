#include "cli/token/oauth/discovery.h"

#include "cli/token/oauth/address.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::oauth {
namespace {

Failure failed(const std::string& message) { return {RenewalFailure::kRetry, message}; }

Outcome<Metadata> read(const std::string& issuer, const std::string& url, const SecretBytes& body) {
  auto found = parse_metadata(body.bytes());
  if (!found) return failed(url + " cannot be used: " + found.error().message);
  if (found->issuer != issuer) {
    return failed(url + " is of the issuer `" + visible(found->issuer) + "`, not of `" +
                  visible(issuer) + "`; give the one that is meant, to the letter");
  }
  return std::move(*found);
}

}  // namespace

Outcome<Metadata> discover(const Http& http, const std::string& issuer) {
  const auto address = parse_address(issuer);
  if (!address) return failed(address.error().message);
  if (issuer.find('?') != std::string::npos) return failed("an issuer has no `?`");
  const std::string places[] = {joined(issuer, ".well-known/openid-configuration"),
                                inserted_well_known(issuer, "oauth-authorization-server")};
  Failure last;
  for (const std::string& url : places) {
    auto outcome = http.get(url);
    if (const auto* trouble = std::get_if<HttpTrouble>(&outcome)) return failed(trouble->message);
    const auto& answer = std::get<HttpAnswer>(outcome);
    if (answer.status == 200) return read(issuer, url, answer.body);
    last = failed(visible(issuer) + " tells nothing of its endpoints (status " +
                  std::to_string(answer.status) +
                  "); name them with --device-endpoint and --token-endpoint");
    if (answer.status != 404) return last;
  }
  return last;
}

}  // namespace tacit::oauth
