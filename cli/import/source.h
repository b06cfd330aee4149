// Where an import comes from: the files, what is in them, and taking them away afterwards.
#pragma once
#include <sys/stat.h>

#include <functional>
#include <string>
#include <vector>

#include "cli/import/item.h"

namespace tacit::cli {

struct SourceFile {
  std::string path;  ///< no symbolic link
  struct stat facts {};
  std::string left;  ///< what stays in it when the source is deleted; empty: it goes
};

struct ImportSource {
  std::vector<ImportItem> items;
  std::vector<SourceFile> files;     ///< none: there is nothing that could be deleted
  std::vector<std::string> remarks;  ///< what was not taken, and why
  std::string keeps;                 ///< why the source cannot be deleted; empty: it can
};

/// Called with how much of how much is done.
using ImportProgress = std::function<void(std::size_t done, std::size_t total)>;

/// Both stores of python-env-secrets. `where`: a project's id, or a path of a `.secrets` or its
/// folder; empty: the id of the project here. A key with different values in both is an error.
Result<ImportSource> open_env_secrets(const std::string& where);
/// A plain `.env` (cli/env_file.h); empty: that of the working folder. References in it, and the
/// line that names the project, are no secrets and stay.
Result<ImportSource> open_env_file(const std::string& where);
/// `secrets.json` of `dotnet user-secrets`: its path, or the id of `<UserSecretsId>`.
Result<ImportSource> open_dotnet(const std::string& where);
/// A file of JSON (cli/import/json_items.h), or `-`: standard input.
Result<ImportSource> open_json(const std::string& where);
/// A store of `pass`; empty: $PASSWORD_STORE_DIR or ~/.password-store. The user's own gpg decrypts.
Result<ImportSource> open_pass(const std::string& where, const ImportProgress& progress);

/// Why a source that was named by a symbolic link is not deleted: the link is what was named, and
/// the file another's perhaps. `link` is it, `target` the file.
std::string behind_a_link(const std::string& link, const std::string& target);

/// Takes the files away, if not one of them has changed since it was read. Errors:
/// kVersionMismatch, one has, and nothing was deleted; kIoError.
Result<void> delete_source(const ImportSource& source);

}  // namespace tacit::cli
