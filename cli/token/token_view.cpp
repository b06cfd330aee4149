#include "cli/token/token_view.h"

#include "cli/options.h"
#include "cli/time_text.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

/// In one word.
std::string_view state_word(const TokenInfo& token) {
  if (!token.has_token) return "none";
  return token.expired ? "expired" : "valid";
}

}  // namespace

std::string token_name(const TokenInfo& token) {
  return visible(shown_name({token.item.collection, token.item.name, {}, 0}));
}

std::string token_state(const TokenInfo& token) {
  std::string out = "no token yet";
  if (token.has_token && token.expired) {
    out = "ran out " + rfc3339(token.expires);
  } else if (token.has_token) {
    out = token.expires == 0 ? "valid, tells no end" : "valid until " + rfc3339(token.expires);
  }
  if (token.in_doubt) {
    out += ", in doubt: its renewal was cut off";
  } else if (token.renewable) {
    out += ", renews itself";
  } else {
    out += token.has_token && !token.expired ? ", then log in again" : ", log in";
  }
  if (!token.last_error.empty()) out += "; " + visible(token.last_error);
  return out;
}

bool needs_user(const TokenInfo& token) {
  return token.in_doubt || (!token.renewable && (!token.has_token || token.expired));
}

void write_token(JsonWriter& json, const TokenInfo& token) {
  json.begin_object();
  json.member("collection", token.item.collection);
  json.member("name", token.item.name);
  json.member("version", token.version);
  json.member("state", state_word(token));
  time_member(json, "valid_until", token.has_token ? token.expires : 0);
  time_member(json, "obtained", token.obtained);
  json.member("renewable", token.renewable);
  json.member("due", token.renewal_due);
  json.member("in_doubt", token.in_doubt);
  json.member("last_error", token.last_error);
  time_member(json, "last_error_time", token.last_error_time);
  json.member("address", token.recipe.address);
  json.member("username", token.recipe.username);
  json.member("issuer", token.recipe.issuer);
  json.end_object();
}

}  // namespace tacit::cli
