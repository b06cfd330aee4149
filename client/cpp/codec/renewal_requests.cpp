#include "client/cpp/codec/renewal.h"

namespace tacit::codec {
namespace {

void add_parameters(Writer& writer, std::uint32_t field, const TokenParameters& parameters) {
  for (const auto& [name, value] : parameters) add_attribute(writer, field, name, value);
}

void add_exchange(Writer& writer, std::uint32_t field, const TokenExchange& exchange) {
  Writer inner(writer, field);
  add_text(inner, 1, exchange.endpoint);
  add_text(inner, 2, exchange.subject_token);
  add_text(inner, 3, exchange.requested_token_type);
  add_texts(inner, 4, exchange.scopes);
  add_parameters(inner, 5, exchange.parameters);
}

void add_recipe(Writer& writer, std::uint32_t field, const TokenRecipe& recipe) {
  Writer inner(writer, field);
  add_text(inner, 1, recipe.issuer);
  add_text(inner, 2, recipe.device_authorization_endpoint);
  add_text(inner, 3, recipe.token_endpoint);
  add_text(inner, 4, recipe.revocation_endpoint);
  add_text(inner, 5, recipe.client_id);
  if (!recipe.client_secret.name.empty()) {
    add_item(inner, 6, {recipe.client_secret.collection, recipe.client_secret.name});
  }
  inner.add_enum(7, static_cast<std::int32_t>(recipe.client_authentication));
  add_texts(inner, 8, recipe.scopes);
  inner.add_bool(9, recipe.pkce);
  add_parameters(inner, 10, recipe.parameters);
  if (recipe.exchange) add_exchange(inner, 11, *recipe.exchange);
  add_text(inner, 12, recipe.subject_token_file);
  add_text(inner, 13, recipe.check_url);
  add_text(inner, 14, recipe.check_username);
  inner.add_int64(15, recipe.margin.count());
  add_text(inner, 16, recipe.ca_file);
  inner.add_enum(17, static_cast<std::int32_t>(recipe.dialect));
  add_text(inner, 18, recipe.address);
  add_text(inner, 19, recipe.username);
}

}  // namespace

MessageBuffer create_token_request(const ItemAt& item, const TokenRecipe& recipe,
                                   const Attributes& attributes, bool replace,
                                   Interaction interaction) {
  MessageBuffer out;
  Writer writer(out);
  add_item(writer, 1, item);
  add_recipe(writer, 2, recipe);
  if (!attributes.empty()) {
    Writer inner(writer, 3);
    add_attributes(inner, 1, attributes);
  }
  writer.add_bool(4, replace);
  add_interaction(writer, 5, interaction);
  return out;
}

MessageBuffer list_tokens_request(std::optional<std::string_view> collection,
                                  Interaction interaction) {
  MessageBuffer out;
  Writer writer(out);
  if (collection) add_text(writer, 1, *collection);
  add_interaction(writer, 2, interaction);
  return out;
}

MessageBuffer begin_renewal_request(const ItemAt& item, const RenewalWish& wish,
                                    Interaction interaction) {
  MessageBuffer out;
  Writer writer(out);
  add_item(writer, 1, item);
  writer.add_bool(2, wish.may_log_in);
  writer.add_bool(3, wish.force);
  writer.add_bool(4, wish.log_in);
  add_interaction(writer, 5, interaction);
  return out;
}

MessageBuffer sending_request(std::uint64_t lease) {
  MessageBuffer out;
  Writer writer(out);
  writer.add_uint64(1, lease);
  return out;
}

MessageBuffer show_login_request(std::uint64_t lease, const LoginPlace& place) {
  MessageBuffer out;
  Writer writer(out);
  writer.add_uint64(1, lease);
  add_text(writer, 2, place.verification_uri);
  add_text(writer, 3, place.verification_uri_complete);
  add_text(writer, 4, place.user_code);
  return out;
}

MessageBuffer commit_renewal_request(std::uint64_t lease, const GotTokens& tokens) {
  constexpr std::size_t kRest = 64;
  MessageBuffer out(tokens.access_token.size() +
                    (tokens.refresh_token ? tokens.refresh_token->size() : 0) + kRest);
  Writer writer(out);
  writer.add_uint64(1, lease);
  add_secret(writer, 2, tokens.access_token);
  if (tokens.refresh_token) add_secret(writer, 3, *tokens.refresh_token);
  writer.add_int64(4, tokens.lives.count());
  return out;
}

MessageBuffer fail_renewal_request(std::uint64_t lease, RenewalFailure failure,
                                   std::string_view message) {
  MessageBuffer out;
  Writer writer(out);
  writer.add_uint64(1, lease);
  writer.add_enum(2, static_cast<std::int32_t>(failure));
  add_text(writer, 3, message);
  return out;
}

}  // namespace tacit::codec
