// One user of one vault in a scratch folder, by the vault room itself: opens it by a key file, and
// tells all that is in it, so that two states can be compared.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/vault/replacement.h"
#include "daemon/vault/vault.h"

namespace tacit::test {

/// Everything that a vault answers, as text, without its random ids: what it held before an
/// operation and after it can be told apart, and nothing between them goes unnoticed.
using Contents = std::map<std::string, std::string>;
/// Of a folder without a vault.
Contents no_vault();
/// The first entries that are not the same; for messages.
std::string difference(const Contents& want, const Contents& have);

class VaultUser {
 public:
  /// `root` holds the data, state and runtime folders; made as needed.
  explicit VaultUser(std::string root);
  ~VaultUser();

  const std::string& root() const { return root_; }
  VaultPlace place() const;
  /// The database that CURRENT names; empty without one.
  std::string database() const;

  absl::Status create();
  /// Opens and unlocks by whichever of the key files fits.
  absl::Status open();
  absl::Status open_locked();
  absl::Status unlock();
  /// Keys and connection are gone; no anchor is written.
  void close();
  bool is_open() const { return vault_ != nullptr; }
  Vault& vault() { return *vault_; }
  LockedVault& locked() { return *locked_; }

  /// Makes another file by `make`, puts it in the vault's place and goes on with it, as the daemon
  /// does. If it is in place and does not open, the vault is closed.
  absl::Status replace(
      const std::function<absl::StatusOr<Replacement>(const LockedVault::Seat&)>& make,
      KeyBytes root);

  /// Reads everything there is, each read verified, and every row besides (`Vault::verify`). An
  /// error is one that a user would have met.
  absl::StatusOr<Contents> contents();

  static Credential key_file(char which);
  /// A slot for that key file and this vault.
  absl::StatusOr<Slot> slot_of(char which) const;

  UnixMillis now = 1'700'000'000'000;

 private:
  std::string root_;
  std::unique_ptr<LockedVault> locked_;
  std::unique_ptr<Vault> vault_;
};

/// Names that the steps use; `contents` asks for each of them, deleted ones too.
const std::vector<ItemName>& all_names();

}  // namespace tacit::test
