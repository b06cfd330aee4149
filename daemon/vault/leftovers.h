// Files that pass: the names they are made under, and the end of those that a killed daemon left.
// Each holds nothing that the vault does not hold too.
#pragma once
#include <string>

#include "absl/status/statusor.h"
#include "daemon/vault/files.h"  // FileHandle

namespace tacit {

/// A vault is made under `creating-` and its final name, and gets that name last of all, when
/// CURRENT already tells it: so a final name is always a whole vault.
std::string creating_name(const std::string& vault_file_name);
/// `backup-` and 16 random hexadecimal digits and `.tmp`: a copy on its way to a client.
std::string new_backup_name();
/// `read-only-` and 16 random hexadecimal digits: a folder with the copy of a vault that lies on a
/// read-only file system.
std::string new_read_only_copy_name();

/// Marks a passing file or folder as in use (flock), until the handle goes or the process ends.
/// For a database it has to outlive SQLite's connection. Error: kIoError, somebody was quicker.
absl::StatusOr<FileHandle> hold_passing(const std::string& path);

/// The database and what SQLite puts beside it.
void remove_database(const std::string& path);

/// Removes from the vault's folder what bears one of the names above, is this user's and is held
/// by nobody, and a CURRENT that never came to be. The caller has the folder's lock. What cannot
/// be removed stays: no vault is worse for it.
void remove_leftovers(const std::string& vault_folder);
/// The same in the runtime folder, which daemons of other vaults may use too.
void remove_runtime_leftovers(const std::string& runtime_folder);

}  // namespace tacit
