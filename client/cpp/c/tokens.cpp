#include "client/cpp/c/handles.h"
#include "tacit/package_manager.h"

using namespace tacit::c;  // NOLINT(google-build-using-namespace): these are its definitions

tacit_error* tacit_list_tokens(tacit_client* client, const char* collection, tacit_tokens** out) {
  *out = nullptr;
  return guarded([&] {
    return hand_over(client->get().tokens(any_or(collection)), out,
                     [](std::vector<tacit::TokenInfo> all) {
                       std::vector<tacit_token> tokens;
                       for (tacit::TokenInfo& info : all) tokens.push_back({std::move(info)});
                       return tokens;
                     });
  });
}
size_t tacit_tokens_count(const tacit_tokens* tokens) { return tokens->tokens.size(); }
const tacit_token* tacit_tokens_at(const tacit_tokens* tokens, size_t index) {
  return index < tokens->tokens.size() ? &tokens->tokens[index] : nullptr;
}
void tacit_tokens_free(tacit_tokens* tokens) { delete tokens; }

tacit_error* tacit_token_for_url(tacit_client* client, const char* url, const char* username,
                                 tacit_token** out) {
  *out = nullptr;
  return guarded([&]() -> tacit_error* {
    const auto all = client->get().tokens();
    if (!all) return make_error(all.error());
    const tacit::TokenInfo* found = tacit::token_for_url(*all, text(url), text(username));
    if (found != nullptr) *out = new tacit_token{*found};
    return nullptr;
  });
}
const char* tacit_token_collection(const tacit_token* token) {
  return token->info.item.collection.c_str();
}
const char* tacit_token_name(const tacit_token* token) { return token->info.item.name.c_str(); }
const char* tacit_token_address(const tacit_token* token) {
  return token->info.recipe.address.c_str();
}
const char* tacit_token_username(const tacit_token* token) {
  return token->info.recipe.username.c_str();
}
int tacit_token_held(const tacit_token* token) { return token->info.has_token ? 1 : 0; }
int64_t tacit_token_obtained(const tacit_token* token) { return token->info.obtained; }
int64_t tacit_token_expires(const tacit_token* token) { return token->info.expires; }
int tacit_token_expired(const tacit_token* token) { return token->info.expired ? 1 : 0; }
int tacit_token_renewable(const tacit_token* token) { return token->info.renewable ? 1 : 0; }
const char* tacit_token_last_error(const tacit_token* token) {
  return token->info.last_error.c_str();
}
void tacit_token_free(tacit_token* token) { delete token; }

tacit_error* tacit_add_package_manager(tacit_client* client, const char* collection,
                                       const char* name, const char* address,
                                       const char* subject_token_file, const char* ca_file,
                                       uint64_t* version) {
  return guarded([&] {
    auto recipe = tacit::package_manager_recipe(text(address));
    if (!recipe) {
      return make_error({tacit::Reason::kInvalidArgument,
                         "the address of a package manager is a URL of http or https"});
    }
    recipe->subject_token_file = text(subject_token_file);
    recipe->ca_file = text(ca_file);
    const std::string item =
        text(name).empty() ? tacit::server_name(text(address)) : std::string(text(name));
    return assign(client->get().create_token(text(collection), item, *recipe), version);
  });
}

tacit_error* tacit_renew_token(tacit_client* client, const char* collection, const char* name,
                               int force, uint64_t* version) {
  return guarded([&] {
    return assign(client->get().renew_token(text(collection), text(name), {.force = force != 0}),
                  version);
  });
}
