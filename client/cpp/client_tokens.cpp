// Tokens, and the calls of a renewal.
#include <algorithm>
#include <iterator>
#include <tuple>
#include <variant>

#include "client/cpp/checks.h"
#include "client/cpp/client_impl.h"
#include "client/cpp/codec/renewal.h"
#include "tacit/package_manager.h"
#include "tacit/service_url.h"

namespace tacit {
namespace {

Result<void> check_parameters(const TokenParameters& parameters) {
  for (const auto& [name, value] : parameters) {
    if (auto good = check_text(name, "parameter's name"); !good) return good;
    if (auto good = check_text(value, "value of the parameter `" + name + "`"); !good) return good;
  }
  return {};
}

Result<void> check_texts(const std::vector<std::string>& texts, std::string_view what) {
  for (const std::string& text : texts) {
    if (auto good = check_text(text, what); !good) return good;
  }
  return {};
}

/// That it can be sent; whether it is any good, the daemon says.
Result<void> check_recipe(const TokenRecipe& recipe) {
  const TokenExchange exchange = recipe.exchange.value_or(TokenExchange{});
  const std::pair<const std::string&, std::string_view> texts[] = {
      {recipe.issuer, "issuer"},
      {recipe.device_authorization_endpoint, "device authorisation endpoint"},
      {recipe.token_endpoint, "token endpoint"},
      {recipe.revocation_endpoint, "revocation endpoint"},
      {recipe.client_id, "client id"},
      {recipe.subject_token_file, "path of the subject's file"},
      {recipe.check_url, "URL to check with"},
      {recipe.check_username, "user name to check with"},
      {recipe.ca_file, "path of the authorities' file"},
      {recipe.address, "address"},
      {recipe.username, "user name"},
      {exchange.endpoint, "endpoint of the exchange"},
      {exchange.subject_token, "subject of the exchange"},
      {exchange.requested_token_type, "requested token type"},
  };
  for (const auto& [text, what] : texts) {
    if (auto good = check_text(text, what); !good) return good;
  }
  if (!recipe.client_secret.name.empty()) {
    const codec::ItemAt secret{recipe.client_secret.collection, recipe.client_secret.name};
    if (auto good = check_item(secret); !good) return good;
  }
  if (auto good = check_texts(recipe.scopes, "scope"); !good) return good;
  if (auto good = check_texts(exchange.scopes, "scope of the exchange"); !good) return good;
  if (auto good = check_parameters(recipe.parameters); !good) return good;
  return check_parameters(exchange.parameters);
}

/// Whether a token is for that user name. It is also for the name that index servers take for
/// `a token`, and for none in particular.
bool goes_with(const TokenRecipe& recipe, std::optional<std::string_view> username) {
  return !username || username->empty() || *username == kTokenUser || *username == recipe.username;
}

}  // namespace

const TokenInfo* token_for_url(std::span<const TokenInfo> tokens, std::string_view url,
                               std::optional<std::string_view> username) {
  const auto wanted = parse_service_url(url);
  if (!wanted) return nullptr;
  const TokenInfo* best = nullptr;
  std::size_t best_depth = 0;
  for (const TokenInfo& token : tokens) {
    if (token.recipe.address.empty() || !goes_with(token.recipe, username)) continue;
    const auto address = parse_service_url(token.recipe.address);
    if (!address || !is_below(*wanted, *address)) continue;
    const std::size_t depth = address->segments.size();
    if (best != nullptr && depth <= best_depth) continue;
    best = &token;
    best_depth = depth;
  }
  return best;
}

Result<std::uint64_t> Client::create_token(std::string_view collection, std::string_view name,
                                           const TokenRecipe& recipe, const Attributes& attributes,
                                           bool replace) {
  const codec::ItemAt item{collection, name};
  if (auto good = check_item(item); !good) return good.error();
  if (auto good = check_recipe(recipe); !good) return good.error();
  if (auto good = check_attributes(attributes); !good) return good.error();
  return impl_->ask(
      "/tacit.v1.Renewal/Create",
      codec::create_token_request(item, recipe, attributes, replace, impl_->interaction()),
      impl_->patient_limits(), codec::token_version_reply);
}

Result<std::vector<TokenInfo>> Client::tokens(std::optional<std::string_view> collection) {
  if (auto good = check_collection(collection); !good) return good.error();
  std::vector<TokenInfo> out;
  const auto done = impl_->follow(
      "/tacit.v1.Renewal/List", codec::list_tokens_request(collection, impl_->interaction()),
      impl_->stream_limits(), codec::list_tokens_reply, [&](std::vector<TokenInfo> part) {
        std::ranges::move(part, std::back_inserter(out));
        return true;
      });
  if (!done) return done.error();
  const auto by_place = [](const TokenInfo& token) {
    return std::tie(token.item.collection, token.item.name);
  };
  std::ranges::sort(out, {}, by_place);
  return out;
}

Result<std::uint64_t> Client::begin_renewal(
    std::string_view collection, std::string_view name, const RenewalWish& wish,
    const std::function<bool(const RenewalLease&)>& on_lease, const Stopper* stopper) {
  const codec::ItemAt item{collection, name};
  if (auto good = check_item(item); !good) return good.error();
  std::optional<std::uint64_t> renewed;
  const auto take = [&](codec::RenewalEvent event) {
    if (const auto* over = std::get_if<codec::Renewed>(&event)) renewed = over->version;
    const auto* lease = std::get_if<RenewalLease>(&event);
    return lease == nullptr || on_lease(*lease);
  };
  const auto done = impl_->follow("/tacit.v1.Renewal/Begin",
                                  codec::begin_renewal_request(item, wish, impl_->interaction()),
                                  {{}, wish.patience}, codec::renewal_event, take, stopper);
  if (renewed) return *renewed;
  if (!done) return done.error();
  return Error{Reason::kCancelled, "the renewal was broken off before it was over"};
}

Result<void> Client::sending_refresh_token(std::uint64_t lease) {
  return impl_->tell("/tacit.v1.Renewal/Sending", codec::sending_request(lease),
                     impl_->slow_limits());
}

Result<LoginShown> Client::show_login(std::uint64_t lease, const LoginPlace& place) {
  for (const std::string& text :
       {place.verification_uri, place.verification_uri_complete, place.user_code}) {
    if (auto good = check_text(text, "place to log in"); !good) return good.error();
  }
  return impl_->ask("/tacit.v1.Renewal/ShowLogin", codec::show_login_request(lease, place),
                    impl_->limits(), codec::show_login_reply);
}

Result<std::uint64_t> Client::commit_renewal(std::uint64_t lease, const GotTokens& tokens) {
  if (auto good = check_value(tokens.access_token.size()); !good) return good.error();
  if (tokens.refresh_token) {
    if (auto good = check_value(tokens.refresh_token->size()); !good) return good.error();
  }
  return impl_->ask("/tacit.v1.Renewal/Commit", codec::commit_renewal_request(lease, tokens),
                    impl_->slow_limits(), codec::token_version_reply);
}

Result<void> Client::fail_renewal(std::uint64_t lease, RenewalFailure failure,
                                  std::string_view message) {
  if (auto good = check_text(message, "message"); !good) return good;
  return impl_->tell("/tacit.v1.Renewal/Fail", codec::fail_renewal_request(lease, failure, message),
                     impl_->slow_limits());
}

}  // namespace tacit
