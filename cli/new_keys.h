// New keys for the whole vault: `vault rotate --full`, `passphrase --compromised`, `slot remove`.
#pragma once
#include <CLI/App.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.h"

namespace tacit::cli {

struct NewKeysOptions {
  std::vector<std::string> key_files;  ///< of slots that stay
  std::string new_recovery_file;
  bool drop_slots = false;
  bool delete_old = false;

  /// --keep-key-file, --new-recovery-file, --drop-slots, --delete-old.
  void add_to(CLI::App& app);
  bool given() const;
};

/// What is to become of the slots.
struct SlotsWanted {
  const SecretBytes* new_passphrase = nullptr;  ///< in place of those that there are
  std::optional<std::uint32_t> removed;         ///< goes
};

/// Every slot that stays needs what opens it again: the authorization's own, `new_passphrase` and
/// the key files named are there; a recovery key is made anew and shown, or written to the file;
/// what is missing goes, after a yes on the terminal or with --drop-slots. Then tells of the old
/// vault files, which still open as before, and deletes them likewise. Errors: kInvalidArgument,
/// nobody to ask; kCancelled; kLastSlot; those of Client::replace_keys.
Result<void> replace_keys(Context& context, const Credential& authorization,
                          const SlotsWanted& wanted, const NewKeysOptions& options);

/// Tells of the old vault files, if there are any, and deletes them with --delete-old or after a
/// yes.
Result<void> offer_to_delete_old_files(Context& context, const Credential& authorization,
                                       bool delete_old);

}  // namespace tacit::cli
