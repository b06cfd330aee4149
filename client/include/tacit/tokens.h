// Tokens that renew themselves: what Client speaks of them. The members are those of
// proto/tacit/v1/renewal.proto, which says more.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tacit/access.h"  // UnixMillis, ItemRef
#include "tacit/secret_bytes.h"

namespace tacit {

enum class ClientAuthentication { kBasic = 0, kPost = 1 };
/// Another number comes from a newer daemon: such a recipe must not be used.
enum class TokenDialect { kStandard = 0, kPackageManager = 1 };

/// In their order; a name may come twice.
using TokenParameters = std::vector<std::pair<std::string, std::string>>;

/// proto: TokenExchange.
struct TokenExchange {
  std::string endpoint;       ///< empty: the token endpoint
  std::string subject_token;  ///< `id_token`, `access_token` or `refresh_token`
  std::string requested_token_type;
  std::vector<std::string> scopes;
  TokenParameters parameters;
};

/// How a token is got (proto: TokenRecipe).
struct TokenRecipe {
  std::string issuer;
  std::string device_authorization_endpoint;  ///< empty: nobody can log in
  std::string token_endpoint;
  std::string revocation_endpoint;
  std::string client_id;
  ItemRef client_secret;  ///< no name: none
  ClientAuthentication client_authentication = ClientAuthentication::kBasic;
  std::vector<std::string> scopes;
  bool pkce = false;
  TokenParameters parameters;
  std::optional<TokenExchange> exchange;
  std::string subject_token_file;
  std::string check_url;
  std::string check_username;
  std::chrono::milliseconds margin{0};
  std::string ca_file;
  TokenDialect dialect = TokenDialect::kStandard;
  std::string address;
  std::string username;
};

/// What is known of a token, but for its secrets (proto: TokenInfo).
struct TokenInfo {
  ItemRef item;
  std::uint64_t version = 0;
  TokenRecipe recipe;
  bool has_token = false;
  UnixMillis obtained = 0;
  UnixMillis expires = 0;  ///< 0: never, or there is none
  bool expired = false;
  bool renewal_due = false;
  bool renewable = false;  ///< without the user
  bool in_doubt = false;
  std::string last_error;
  UnixMillis last_error_time = 0;
};

/// proto: BeginRenewalRequest.
struct RenewalWish {
  bool may_log_in = false;
  bool force = false;
  bool log_in = false;
  /// The longest wait for another's renewal (kTimeout). None: as long as it takes.
  std::optional<std::chrono::milliseconds> patience;
};

/// The right to renew a token, and what that takes (proto: RenewalLease).
struct RenewalLease {
  std::uint64_t id = 0;
  TokenRecipe recipe;
  SecretBytes refresh_token;  ///< empty: only the user can renew it
  SecretBytes access_token;
  bool valid = false;
  std::chrono::milliseconds time{0};  ///< from the last call with it
};

/// Where the user is to log in (proto: ShowLoginRequest).
struct LoginPlace {
  std::string verification_uri;
  std::string verification_uri_complete;  ///< empty: there is none
  std::string user_code;
};
enum class LoginShown { kNowhere = 0, kShown = 1, kRefused = 2 };

/// What the server gave (proto: CommitRenewalRequest).
struct GotTokens {
  SecretBytes access_token;                  ///< empty: the one there is was tried out and is good
  std::optional<SecretBytes> refresh_token;  ///< none: the one there is stays; empty: it goes
  std::chrono::milliseconds lives{0};        ///< 0: unknown
};

enum class RenewalFailure { kRetry = 0, kInDoubt = 1, kLogin = 2, kDenied = 3, kRevoked = 4 };

}  // namespace tacit
