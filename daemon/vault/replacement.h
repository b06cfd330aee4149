// A vault file that takes the place of the one there: a backup that is restored, the same content
// under new keys, or what a damaged one still holds. All of it blocks, for minutes where there are
// millions of items: for a worker thread. Who calls holds the folder's lock.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/vault/vault.h"

namespace tacit {

/// Told now and then how many rows are done, of how many; an error ends the work with it.
using Steps = std::function<absl::Status(std::uint64_t done, std::uint64_t total)>;

/// What is in clear in a vault's file, unauthenticated.
struct ClearPart {
  VaultId vault_id{};
  std::vector<Slot> slots;
};
/// Of a file that no connection of this process has open: a backup, or a copy. Slots that are
/// malformed are left out. Errors: those of opening a vault.
absl::StatusOr<ClearPart> read_clear_part(const std::string& file);

/// A copy of what CURRENT names, with what its WAL holds, to be looked at: `backup-....tmp` beside
/// it. Errors: kNoVault, kVaultDamaged (there is nothing to copy), kDiskFull, kIoError.
absl::StatusOr<std::string> copy_of_current(const VaultPlace& place);

/// Whether this machine's anchor was made by a vault with this root key. None: it has no anchor.
absl::StatusOr<std::optional<bool>> anchored_by(const VaultPlace& place, const KeyBytes& root);

/// What a damaged vault did not give back as it was.
struct Salvage {
  static constexpr std::size_t kMostLosses = 1000;
  struct Loss {
    std::string message;
    std::optional<ItemName> where;
  };
  std::vector<Loss> losses;  ///< the first kMostLosses
  std::uint64_t lost = 0;    ///< of all
  std::uint64_t items = 0;   ///< that were kept, deleted ones included
  std::uint64_t versions = 0;
  bool slots_whole = true;     ///< else only the slot that opened it is left
  bool policies_whole = true;  ///< else every collection asks, and grants are dropped
};
/// What becomes of the policy records where some may be lost, or be old ones put back.
struct Tightening {
  /// A collection's, that guards no less than `record` (null: it has none) and asks.
  std::function<SecretBytes(const SecretBytes* record)> rule;
  /// Whether any other may stay: one that lets somebody in may have been taken back.
  std::function<bool(const Vault::PolicyChange& record)> stays;
};

/// A whole vault under a passing name in the vault's folder: checked, closed, synced. The file goes
/// with it unless it was put in place.
class Replacement {
 public:
  Replacement(Replacement&& other) noexcept;
  Replacement& operator=(Replacement&&) = delete;
  ~Replacement();

  /// `file`, a backup in the vault's folder, is taken over: every row is opened and compared. As
  /// the vault it is a state of its own: what this machine knew of a later one is behind it.
  static absl::StatusOr<Replacement> of_backup(const VaultPlace& place, const Clock& clock,
                                               const std::string& file, const KeyBytes& root,
                                               const Steps& steps);
  /// What `copy` holds under `root`, sealed anew: the same ids, versions, history, policies and
  /// audit log, the vault's own id too.
  struct NewKeys {
    KeyBytes root;
    std::vector<Slot> slots;  ///< each wraps `root`
    bool recovery_key_unconfirmed = false;
  };
  static absl::StatusOr<Replacement> under_new_keys(const VaultPlace& place, const Clock& clock,
                                                    const std::string& copy, const KeyBytes& root,
                                                    const NewKeys& keys, const Steps& steps);
  /// Whatever of `copy` is authentic, under the same root key. That a row was there before, or was
  /// a later one, cannot be known where the sums are damaged, or are behind the anchor. `opened`:
  /// the slot that gave `root`.
  static absl::StatusOr<Replacement> salvaged(const VaultPlace& place, const Clock& clock,
                                              const std::string& copy, const KeyBytes& root,
                                              std::uint32_t opened, const Tightening& tightening,
                                              Salvage& report, const Steps& steps);

  /// Writes the anchor of this one beside the present one's, gives the file its name and has
  /// CURRENT name it. The file that was there stays. After an error all is as it was.
  absl::Status put_in_place(const VaultPlace& place);

 private:
  Replacement(std::string passing, std::string name);
  std::string passing_;  ///< empty: it is in place
  std::string name_;
  std::vector<unsigned char> anchor_;  ///< of its state
};

/// A vault file that was the vault once: CURRENT names another.
struct OldFile {
  std::string name;
  std::uint64_t bytes = 0;  ///< with its WAL
  UnixMillis modified = 0;
};
absl::StatusOr<std::vector<OldFile>> old_files(const VaultPlace& place);
/// Errors: kInvalidArgument, not such a name; kNotFound; kVaultExists, it is the vault.
absl::Status remove_old_file(const VaultPlace& place, const std::string& name);

}  // namespace tacit
