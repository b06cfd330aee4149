#include "cli/token/oauth/device_flow.h"

#include <algorithm>

#include "cli/token/oauth/pkce.h"

namespace tacit::oauth {
namespace {

using std::chrono::seconds;

constexpr std::string_view kDeviceGrant = "urn:ietf:params:oauth:grant-type:device_code";
constexpr seconds kSlowDown{5};

Failure unusable(const std::string& endpoint, const std::string& why) {
  return {RenewalFailure::kRetry, named(endpoint) + " gave no answer that can be used: " + why};
}

Failure broken_off() { return {RenewalFailure::kDenied, "the login was broken off"}; }

Failure too_late() {
  return {RenewalFailure::kDenied, "nobody logged in before the code ran out; try again"};
}

Outcome<DeviceAnswer> ask_for_code(const DeviceFlow& flow, const Pkce* pkce) {
  const Server& server = flow.server;
  const std::string endpoint = server.device_endpoint();
  Form form;
  if (!server.package_manager()) {
    std::string scopes;
    for (const std::string& scope : server.recipe.scopes) {
      scopes += (scopes.empty() ? "" : " ") + scope;
    }
    if (!scopes.empty()) form.add("scope", scopes);
    for (const auto& [name, value] : server.recipe.parameters) form.add(name, value);
  }
  if (pkce != nullptr) {
    form.add("code_challenge_method", "S256");
    form.add("code_challenge", pkce->challenge);
  }
  const Reply reply = ask(flow.http, server, endpoint, form);
  if (const auto* trouble = std::get_if<HttpTrouble>(&reply)) {
    if (trouble->kind == HttpTrouble::Kind::kBrokenOff) return broken_off();
    return Failure{RenewalFailure::kRetry, trouble->message};
  }
  if (const auto* refusal = std::get_if<Refusal>(&reply)) {
    return Failure{RenewalFailure::kRetry, refusal->message};
  }
  auto code = parse_device_answer(std::get<SecretBytes>(reply).bytes());
  if (!code) return unusable(endpoint, code.error().message);
  return std::move(*code);
}

Form poll_form(const DeviceFlow& flow, const DeviceAnswer& code, const Pkce* pkce) {
  Form form;
  if (!flow.server.package_manager()) form.add("grant_type", kDeviceGrant);
  form.add_secret("device_code", code.device_code.bytes());
  if (pkce != nullptr) form.add_secret("code_verifier", pkce->verifier.bytes());
  return form;
}

/// What one poll means for the next.
struct Poll {
  std::optional<Failure> over;
  seconds interval;
};

Poll after(const Refusal& refusal, seconds interval) {
  if (refusal.code == "authorization_pending") return {{}, interval};
  if (refusal.code == "slow_down") return {{}, interval + kSlowDown};
  if (refusal.code == "access_denied") {
    return {Failure{RenewalFailure::kDenied, refusal.message + "; the login was refused"},
            interval};
  }
  if (refusal.code == "expired_token") return {too_late(), interval};
  if (refusal.status >= 500 || refusal.status == 429) return {{}, 2 * interval};
  return {Failure{RenewalFailure::kRetry, refusal.message}, interval};
}

Poll after(const HttpTrouble& trouble, seconds interval) {
  switch (trouble.kind) {
    case HttpTrouble::Kind::kTimeout:
    case HttpTrouble::Kind::kNoAnswer:
      return {{}, 2 * interval};
    case HttpTrouble::Kind::kBrokenOff:
      return {broken_off(), interval};
    default:
      return {Failure{RenewalFailure::kRetry, trouble.message}, interval};
  }
}

/// Until `when`, with the code shown as often as is needed.
std::optional<Failure> wait(const DeviceFlow& flow, const DeviceAnswer& code,
                            Clock::time_point when) {
  for (;;) {
    switch (flow.show(code)) {
      case Shown::kGoOn:
        break;
      case Shown::kNowhere:
        return Failure{RenewalFailure::kLogin, "there is nowhere to show the user where to log in"};
      case Shown::kRefused:
        return Failure{RenewalFailure::kDenied, "the user refused to log in"};
    }
    const auto next =
        flow.show_every.count() > 0 ? std::min(when, Clock::now() + flow.show_every) : when;
    if (flow.break_off.wait_until(next)) return broken_off();
    if (next == when) return {};
  }
}

}  // namespace

Outcome<TokenAnswer> log_in(const DeviceFlow& flow) {
  std::optional<Pkce> pkce;
  if (flow.server.package_manager() || flow.server.recipe.pkce) pkce = make_pkce();
  const Pkce* const proof = pkce ? &*pkce : nullptr;
  const auto code = ask_for_code(flow, proof);
  if (!code) return code.failure();

  const std::string endpoint = flow.server.device_token_endpoint();
  const auto end = Clock::now() + code->lives;
  for (seconds interval = code->interval;;) {
    const auto next = Clock::now() + interval;
    if (auto over = wait(flow, *code, std::min(next, end))) return *std::move(over);
    if (next >= end) return too_late();
    Form form = poll_form(flow, *code, proof);
    const auto asked = Clock::now();
    const Reply reply = ask(flow.http, flow.server, endpoint, form);
    if (const auto* body = std::get_if<SecretBytes>(&reply)) {
      auto tokens = parse_token_answer(body->bytes());
      if (!tokens) return unusable(endpoint, tokens.error().message);
      tokens->asked = asked;
      return std::move(*tokens);
    }
    const auto* refusal = std::get_if<Refusal>(&reply);
    Poll poll = refusal != nullptr ? after(*refusal, interval)
                                   : after(std::get<HttpTrouble>(reply), interval);
    if (poll.over) return *std::move(poll.over);
    interval = poll.interval;
  }
}

}  // namespace tacit::oauth
