// What `tacit token add` makes of its options.
#include "cli/token/recipe_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tacit/package_manager.h"

namespace tacit::cli {
namespace {

using ::testing::HasSubstr;

RecipeOptions standard() {
  RecipeOptions options;
  options.token_endpoint = "https://login.example.com/token";
  options.device_endpoint = "https://login.example.com/device";
  return options;
}

RecipeOptions posit(const std::string& address) {
  RecipeOptions options;
  options.preset = "posit";
  options.address = address;
  return options;
}

std::string why(const RecipeOptions& options) {
  const auto recipe = make_recipe(options);
  EXPECT_FALSE(recipe.ok());
  if (recipe.ok()) return "";
  EXPECT_EQ(recipe.error().code, Reason::kInvalidArgument);
  return recipe.error().message;
}

TEST(RecipeOptions, EveryOptionHasItsPlace) {
  RecipeOptions options = standard();
  options.revocation_endpoint = "https://login.example.com/revoke";
  options.client_id = "cli";
  options.client_auth = "post";
  options.scopes = {"openid", "offline_access"};
  options.parameters = {"audience=api", "resource=https://a=b"};
  options.exchange_subject = "id_token";
  options.exchange_token_type = "urn:x";
  options.exchange_scopes = {"read"};
  options.exchange_parameters = {"k="};
  options.subject_token_file = "id.txt";
  options.check_url = "https://login.example.com/me";
  options.check_username = "ada";
  options.margin = "30s";
  options.ca_file = "/etc/ca.pem";
  options.address = "HTTPS://Files.Example.com:443/a/";
  options.username = "ada";
  const auto recipe = make_recipe(options);
  ASSERT_TRUE(recipe.ok()) << recipe.error().message;
  EXPECT_EQ(recipe->client_authentication, ClientAuthentication::kPost);
  EXPECT_EQ(recipe->parameters,
            (TokenParameters{{"audience", "api"}, {"resource", "https://a=b"}}));
  ASSERT_TRUE(recipe->exchange.has_value());
  EXPECT_EQ(recipe->exchange->subject_token, "id_token");
  EXPECT_EQ(recipe->exchange->parameters, (TokenParameters{{"k", ""}}));
  EXPECT_TRUE(recipe->subject_token_file.starts_with('/'));
  EXPECT_TRUE(recipe->subject_token_file.ends_with("/id.txt"));
  EXPECT_EQ(recipe->margin.count(), 30'000);
  EXPECT_EQ(recipe->address, "https://files.example.com/a");
  EXPECT_EQ(recipe->username, "ada");
  EXPECT_TRUE(recipe->pkce);
  EXPECT_EQ(recipe->dialect, TokenDialect::kStandard);
}

TEST(RecipeOptions, ThePresetKnowsTheRest) {
  const auto recipe = make_recipe(posit("https://PPM.example.com/"));
  ASSERT_TRUE(recipe.ok()) << recipe.error().message;
  EXPECT_EQ(recipe->dialect, TokenDialect::kPackageManager);
  EXPECT_EQ(recipe->address, "https://ppm.example.com");  // no doubled slash is made of it
  EXPECT_EQ(recipe->username, "__token__");
  EXPECT_EQ(recipe->check_url, recipe->address);
  EXPECT_EQ(recipe->check_username, "__token__");
  EXPECT_TRUE(recipe->pkce);
  EXPECT_EQ(server_name(recipe->address), "ppm.example.com");
  EXPECT_EQ(server_name("http://127.0.0.1:4242/a"), "127.0.0.1:4242/a");
}

TEST(RecipeOptions, WhatIsMissingOrContradictsIsSaid) {
  EXPECT_THAT(why({}), HasSubstr("--issuer"));
  EXPECT_THAT(why(posit("")), HasSubstr("PACKAGEMANAGER_ADDRESS"));
  RecipeOptions both = posit("https://ppm.example.com");
  both.client_id = "x";
  EXPECT_THAT(why(both), HasSubstr("leave them out"));
  RecipeOptions file = standard();
  file.subject_token_file = "/f";
  EXPECT_THAT(why(file), HasSubstr("--exchange-subject"));
  RecipeOptions exchange = standard();
  exchange.exchange_scopes = {"x"};
  EXPECT_THAT(why(exchange), HasSubstr("--exchange-subject"));
  RecipeOptions parameter = standard();
  parameter.parameters = {"=x"};
  EXPECT_THAT(why(parameter), HasSubstr("NAME=VALUE"));
  RecipeOptions margin = standard();
  margin.margin = "soon";
  EXPECT_THAT(why(margin), HasSubstr("--margin"));
}

TEST(RecipeOptions, PlainHttpGoesToThisMachineAlone) {
  RecipeOptions options = standard();
  options.token_endpoint = "http://login.example.com/token";
  EXPECT_THAT(why(options), HasSubstr("https"));
  options.token_endpoint = "ftp://login.example.com";
  EXPECT_THAT(why(options), HasSubstr("--token-endpoint"));
  EXPECT_THAT(why(posit("ppm.example.com")), HasSubstr("--address"));
  EXPECT_THAT(why(posit("http://127.0.0.1.evil.example/")), HasSubstr("https"));
  for (const char* here : {"http://127.0.0.1:1", "http://localhost:1/x", "http://[::1]:1"}) {
    EXPECT_TRUE(make_recipe(posit(here)).ok()) << here;
  }
}

TEST(RecipeOptions, AnIssuerFillsWhatIsNotTold) {
  TokenRecipe recipe;
  recipe.issuer = "https://i.example";
  recipe.token_endpoint = "https://mine.example/token";
  TokenRecipe found;
  found.token_endpoint = "https://i.example/token";
  EXPECT_EQ(add_discovered(recipe, found).error().code, Reason::kRenewalFailed);
  found.device_authorization_endpoint = "https://i.example/device";
  found.revocation_endpoint = "https://i.example/revoke";
  ASSERT_TRUE(add_discovered(recipe, found).ok());
  EXPECT_EQ(recipe.token_endpoint, "https://mine.example/token");
  EXPECT_EQ(recipe.device_authorization_endpoint, "https://i.example/device");
  EXPECT_EQ(recipe.revocation_endpoint, "https://i.example/revoke");
}

}  // namespace
}  // namespace tacit::cli
