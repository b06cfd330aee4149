// Tokens that renew themselves: what Client speaks of them. The members are those of
// proto/tacit/v1/renewal.proto, which says more.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tacit/access.h"  // UnixMillis, ItemRef
#include "tacit/result.h"
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
  std::optional<std::chrono::milliseconds> patience{};
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

/// How a token is to be renewed (Client::renew_token).
struct RenewOptions {
  bool force = false;    ///< though it is not due, or failed a moment ago, or is in doubt
  bool log_in = false;   ///< by the user, without a refresh
  bool browser = false;  ///< open one where the user logs in
};

enum class RenewalFailure { kRetry = 0, kInDoubt = 1, kLogin = 2, kDenied = 3, kRevoked = 4 };

/// The token that is for what is at `url` (tacit/service_url.h): of those whose address it is
/// below, and that go with `username`, the one with the longest path, then the first. Each goes
/// with its own user name, with `__token__` and with none. Null: there is none.
const TokenInfo* token_for_url(std::span<const TokenInfo> tokens, std::string_view url,
                               std::optional<std::string_view> username);

/// tacit-renew: beside the daemon that $TACIT_DAEMON names, else beside this library or program,
/// else where it was installed. Never one found through PATH. Error: kRenewalFailed.
Result<std::string> find_renewer();

}  // namespace tacit
