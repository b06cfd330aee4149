// What lies in a token item's value (FORMAT.md, values of tokens): the tokens and the recipe.
#pragma once
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/vault/item.h"

namespace tacit {

/// The content type of a version that holds a token; no client can store it.
inline constexpr std::string_view kTokenType = "application/vnd.tacit.token";
inline constexpr std::size_t kMaxTokenBytes = std::size_t{256} << 10;
inline constexpr std::size_t kMaxRecipeBytes = std::size_t{16} << 10;

/// When the access token runs out is the version's expiry.
struct TokenValue {
  UnixMillis obtained = 0;  ///< 0: there is none yet
  UnixMillis due = 0;       ///< from when on it should be got anew, or tried out; 0: never
  bool unattended = false;  ///< the recipe has a way without the user beside the refresh token
  SecretBytes access;       ///< at most kMaxTokenBytes
  SecretBytes refresh;      ///< likewise; empty: there is none
  SecretBytes recipe;       ///< a serialised v1::TokenRecipe; at most kMaxRecipeBytes
};

inline bool is_token(const ItemMetadata& item) { return item.content_type == kTokenType; }

/// `value` keeps to the limits.
SecretBytes encode_token(const TokenValue& value);
/// Decoding is exact. Errors: kVaultDamaged: no client can have stored anything else.
absl::StatusOr<TokenValue> decode_token(const SecretBytes& value);

/// What of an item nobody else may know: its value, or of a token the tokens there are.
absl::StatusOr<std::vector<SecretBytes>> secrets_of(Item item);

}  // namespace tacit
