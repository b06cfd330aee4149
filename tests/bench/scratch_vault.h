// A vault of many items, made by the vault library itself, for benches alone.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "daemon/vault/vault.h"
#include "tests/bench/spread.h"

namespace tacit::bench {

inline constexpr std::string_view kPassphrase = "bench passphrase";
inline constexpr std::string_view kCollection = "default";

/// The vault of a daemon whose XDG folders are `root`/data and `root`/state (made, 0700).
VaultPlace place_below(const std::string& root);

/// A change that stores a fresh value of 32 bytes: two rows and a value, as most items have.
ItemChange some_change(int item);

/// How the items of a vault lie.
enum class Shape {
  kPlain,   ///< all in one collection, without attributes
  kSpread,  ///< a thousand to a collection, and ten share an attribute
};

/// Makes a vault with one passphrase slot (Argon2id's default cost) and `items` items, and closes
/// it. While it does, nothing is synced: filling is not what is measured. Returns seconds.
/// Throws std::runtime_error.
double make_vault(const VaultPlace& place, int items, Shape shape = Shape::kPlain);

/// An open vault; the order of members is that of their lives.
struct OpenVault {
  std::unique_ptr<LockedVault> locked;
  std::unique_ptr<Vault> vault;
};
struct UnlockTimes {
  double derive_us = 0;  ///< Argon2id
  double check_us = 0;   ///< opening the file and checking all of it
};
/// Opens by passphrase. Throws std::runtime_error.
OpenVault open_vault(const VaultPlace& place, UnlockTimes* times = nullptr);

/// Throws std::runtime_error with the message of an error.
void must(const absl::Status& status);
template <class T>
T must(absl::StatusOr<T> result) {
  must(result.status());
  return *std::move(result);
}

}  // namespace tacit::bench
