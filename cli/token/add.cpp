// `tacit token add`: an item whose value is got by a recipe.
#include <cstdlib>
#include <memory>

#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/input.h"
#include "cli/metadata_view.h"
#include "cli/options.h"
#include "cli/session_gate.h"
#include "cli/token/login.h"
#include "cli/token/ppm_tokens.h"
#include "cli/token/recipe_options.h"
#include "client/cpp/terminal/display_text.h"
#include "tacit/package_manager.h"

namespace tacit::cli {
namespace {

struct Options {
  std::string name;
  RecipeOptions recipe;
  std::string client_secret;
  std::vector<std::string> attributes;
  std::string import_file;
  bool replace = false;
  bool login = false;
  bool browser = false;
};

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// What the preset's own program takes from there.
void fill_from_environment(RecipeOptions& recipe) {
  if (recipe.preset != kPositPreset) return;
  if (recipe.address.empty()) recipe.address = environment("PACKAGEMANAGER_ADDRESS");
  if (recipe.subject_token_file.empty()) {
    recipe.subject_token_file = environment("PACKAGEMANAGER_IDENTITY_TOKEN_FILE");
  }
}

Result<TokenRecipe> find_recipe(Context& context, const Options& options) {
  RecipeOptions told = options.recipe;
  fill_from_environment(told);
  auto recipe = make_recipe(told);
  if (!recipe.ok()) return recipe;
  if (!options.client_secret.empty()) {
    const auto secret = whole_item(context.resolve_one_of_many(options.client_secret));
    if (!secret.ok()) return secret.error();
    recipe->client_secret = {secret->collection, secret->name};
  }
  const bool lacks =
      recipe->token_endpoint.empty() ||
      (recipe->device_authorization_endpoint.empty() && recipe->subject_token_file.empty());
  if (recipe->issuer.empty() || !lacks) return recipe;
  const auto found = context.client().discover_issuer(recipe->issuer, recipe->ca_file);
  if (!found.ok()) return found.error();
  if (auto whole = add_discovered(*recipe, *found); !whole.ok()) return whole.error();
  return recipe;
}

Result<std::uint64_t> create(Context& context, const Reference& where, const TokenRecipe& recipe,
                             const Attributes& attributes, bool replace) {
  return with_session(context, use_of(Verb::kWrite, where), [&](Client& client) {
    return client.create_token(where.collection, where.name, recipe, attributes, replace);
  });
}

int run_one(Context& context, const Options& options) {
  auto attributes = parse_attributes(options.attributes);
  if (!attributes.ok()) return fail(attributes.error());
  const auto recipe = find_recipe(context, options);
  if (!recipe.ok()) return fail(recipe.error());
  const std::string name = options.name.empty() ? server_name(recipe->address) : options.name;
  if (name.empty()) return fail_usage("token add: which name? see `tacit token add --help`");
  const auto where = whole_item(context.resolve(name));
  if (!where.ok()) return fail(where.error());
  auto version = create(context, *where, *recipe, *attributes, options.replace);
  if (!version.ok()) return fail(about(context, *where, version.error()));
  if (options.login) {
    version = log_in(context, *where, options.browser);
    if (!version.ok()) return fail(about(context, *where, version.error()));
  }
  if (context.options.json) return finish(print(stored_json(*where, *version).bytes()));
  const std::string word = shell_word(shown_name(*where));
  const bool unattended = !recipe->subject_token_file.empty();
  remark(
      options.login || unattended
          ? "added `" + visible(where->name) + "`; `tacit token get " + word + "` gives the token"
          : "added `" + visible(where->name) + "`; log in with `tacit token login " + word + "`");
  return kExitOk;
}

/// Stores a token that was got elsewhere.
Result<std::uint64_t> hand_in(const Reference& where, const SecretBytes& token) {
  Client waits;
  Client says;
  std::optional<Error> failed;
  auto done = waits.begin_renewal(
      where.collection, where.name, {.may_log_in = true, .force = true, .log_in = true},
      [&](const RenewalLease& lease) {
        const auto stored =
            says.commit_renewal(lease.id, {token.clone(), {}, std::chrono::milliseconds(0)});
        if (!stored.ok()) failed = stored.error();
        return stored.ok();
      });
  if (failed) return *std::move(failed);
  return done;
}

int run_import(Context& context, const Options& options) {
  constexpr std::size_t kMostBytes = std::size_t{1} << 20;
  const auto text = read_file(options.import_file, kMostBytes);
  if (!text.ok()) return fail(text.error());
  const std::string_view words(reinterpret_cast<const char*>(text->bytes().data()), text->size());
  const auto tokens = parse_ppm_tokens(words, options.import_file);
  if (!tokens.ok()) return fail(tokens.error());
  if (tokens->empty()) {
    return fail({Reason::kNotFound, options.import_file + " holds no connection with a token"});
  }
  auto attributes = parse_attributes(options.attributes);
  if (!attributes.ok()) return fail(attributes.error());
  std::vector<std::pair<Reference, TokenRecipe>> wanted;
  for (const PpmToken& one : *tokens) {  // all of them before any is made
    RecipeOptions told;
    told.preset = kPositPreset;
    told.address = one.address;
    told.ca_file = options.recipe.ca_file;
    const auto recipe = make_recipe(told);
    if (!recipe.ok()) return fail(recipe.error());
    const auto where = context.resolve(server_name(recipe->address));
    if (!where.ok()) return fail(where.error());
    wanted.emplace_back(*where, *recipe);
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto& [where, recipe] = wanted[i];
    const auto made = create(context, where, recipe, *attributes, options.replace);
    if (!made.ok()) return fail(about(context, where, made.error()));
    const auto stored = hand_in(where, (*tokens)[i].token);
    if (!stored.ok()) return fail(about(context, where, stored.error()));
    remark("imported `" + visible(where.name) + "`");
  }
  remark("the tokens stand in plain in " + visible(options.import_file) + " still; delete it");
  return kExitOk;
}

int run_add(Context& context, const Options& options) {
  if (options.import_file.empty()) return run_one(context, options);
  if (!options.name.empty() || !options.recipe.preset.empty() || options.login) {
    return fail_usage("token add: --import names the tokens by their servers and needs no more");
  }
  return run_import(context, options);
}

}  // namespace

Action define_token_add(CLI::App& app) {
  auto options = std::make_shared<Options>();
  RecipeOptions& recipe = options->recipe;
  const auto text = [&app](const std::string& option, std::string& to, const std::string& type,
                           const std::string& help) {
    return app.add_option(option, to, help)->type_name(type)->check(not_empty());
  };
  const auto texts = [&app](const std::string& option, std::vector<std::string>& to,
                            const std::string& type, const std::string& help) {
    return app.add_option(option, to, help)->type_name(type)->allow_extra_args(false);
  };
  app.add_option("NAME", options->name,
                 "The token's name, or tacit://COLLECTION/NAME [with --preset the server's]")
      ->check(not_empty());
  text("--issuer", recipe.issuer, "URL", "Whose endpoints are to be discovered");
  text("--device-endpoint", recipe.device_endpoint, "URL", "Where a login begins (RFC 8628)");
  text("--token-endpoint", recipe.token_endpoint, "URL", "Where tokens are given");
  text("--revocation-endpoint", recipe.revocation_endpoint, "URL", "Where they are revoked");
  text("--preset", recipe.preset, "posit", "Posit Package Manager, at --address")
      ->check(CLI::IsMember({std::string(kPositPreset)}));
  text("--address", recipe.address, "URL",
       "The server the token is for [posit: $PACKAGEMANAGER_ADDRESS]");
  app.add_option("--username", recipe.username, "What goes with it as a user name there")
      ->type_name("NAME");
  text("--client-id", recipe.client_id, "ID", "Of the client, as the server knows it");
  text("--client-secret", options->client_secret, "NAME", "The secret that holds the client's");
  text("--client-auth", recipe.client_auth, "basic|post", "How that is sent [basic]")
      ->check(CLI::IsMember({"basic", "post"}));
  texts("--scope", recipe.scopes, "SCOPE", "Again for more");
  texts("--parameter", recipe.parameters, "NAME=VALUE", "Sent with each request; again for more");
  app.add_flag("--no-pkce", recipe.no_pkce, "Without a proof key (RFC 7636)");
  text("--exchange-subject", recipe.exchange_subject, "TOKEN",
       "Exchange id_token, access_token or refresh_token (RFC 8693)")
      ->check(CLI::IsMember({"id_token", "access_token", "refresh_token"}));
  text("--exchange-endpoint", recipe.exchange_endpoint, "URL", "There [the token endpoint]");
  text("--exchange-token-type", recipe.exchange_token_type, "URN", "For a token of this type");
  texts("--exchange-scope", recipe.exchange_scopes, "SCOPE", "Again for more");
  texts("--exchange-parameter", recipe.exchange_parameters, "NAME=VALUE", "Again for more");
  add_path(app, "--subject-token-file", recipe.subject_token_file,
           "Exchange what stands there, without a login [posit: "
           "$PACKAGEMANAGER_IDENTITY_TOKEN_FILE]");
  text("--check-url", recipe.check_url, "URL", "Where a token that tells no end is tried out");
  text("--check-username", recipe.check_username, "NAME", "As whom");
  text("--margin", recipe.margin, "TIME", "Renew it so long before it runs out, as 30s");
  add_path(app, "--ca-file", recipe.ca_file, "Trust these authorities (PEM), not the system's");
  texts("--attribute", options->attributes, "KEY=VALUE", "Kept with it; again for more");
  app.add_flag("--replace", options->replace, "Give a token that is there this recipe");
  auto* login = app.add_flag("--login", options->login, "Log in at once");
  app.add_flag("--browser", options->browser, "With --login: open a browser")->needs(login);
  add_path(app, "--import", options->import_file, "Take over a ~/.ppm/tokens.toml");
  return [options](Context& context) { return run_add(context, *options); };
}

}  // namespace tacit::cli
