// What is known of tokens, for people and for programs.
#pragma once
#include <string>

#include "cli/json.h"
#include "tacit/client.h"

namespace tacit::cli {

/// Its name, or outside the default collection its reference; fit to be shown.
std::string token_name(const TokenInfo& token);

/// `valid until 2027-01-31T11:00:00Z, renews itself`, and what went wrong last.
std::string token_state(const TokenInfo& token);

/// Somebody has to do something before it can be used: log in, above all.
bool needs_user(const TokenInfo& token);

/// `{"collection", "name", "version", "state", "valid_until", "obtained", "renewable", "due",
/// "in_doubt", "last_error", "address", "username", "issuer"}`. Times are RFC 3339, or null.
void write_token(JsonWriter& json, const TokenInfo& token);

}  // namespace tacit::cli
