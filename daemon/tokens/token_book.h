// What became of the last renewal of each token. Kept in the vault's policy records, beside the
// token's versions: it changes without a new version.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/vault/vault.h"

namespace tacit {

inline constexpr std::size_t kMaxTokenErrorBytes = 512;

struct TokenState {
  /// The version whose refresh token may have been used up: it was being sent when its sender
  /// ended, or no answer came. 0: none. A newer version is in no doubt.
  std::uint64_t in_doubt = 0;
  /// The version whose refresh token the server refused: the user has to log in. 0: none.
  std::uint64_t refused = 0;
  UnixMillis error_time = 0;
  std::string error{};  ///< what the last renewal came to; empty: it went well; UTF-8
  bool operator==(const TokenState&) const = default;
};

/// As stored (FORMAT.md, policy records). Decoding is exact.
struct TokenRecord {
  ItemId item{};
  TokenState state;
};
SecretBytes encode_token_record(const TokenRecord& record);
std::optional<TokenRecord> decode_token_record(const SecretBytes& record);

/// The subject that they are kept under, each record as a version of its own.
inline constexpr Vault::SubjectId kTokenSubject = {'t', 'a', 'c', 'i', 't', ' ', 't', 'o',
                                                   'k', 'e', 'n', 0,   0,   0,   0,   0};

/// Every token item of the unlocked vault. Vault thread.
class TokenBook {
 public:
  /// Takes one record of the vault. False: it is none.
  bool load(const Vault::PolicyChange& record);
  void clear();

  bool empty() const { return kept_.empty(); }
  /// Null: no token.
  const TokenState* find(const ItemId& item) const;
  std::vector<ItemId> items() const;
  /// Durable when it returns OK. Also makes a token of the item. Errors: as of a write; kLimit.
  absl::Status set(Vault& vault, const ItemId& item, const TokenState& state);
  /// The token that is there was tried out and is good until then. In memory alone.
  void found_good(const ItemId& item, UnixMillis until);
  bool good(const ItemId& item, UnixMillis now) const;
  /// Drops those whose items have gone for good. Errors: as of a write.
  absl::Status tidy(Vault& vault);

 private:
  struct Kept {
    TokenState state;
    std::uint64_t record = 0;
    UnixMillis good_until = 0;
  };
  std::map<ItemId, Kept> kept_;
  std::uint64_t last_record_ = 0;
};

}  // namespace tacit
