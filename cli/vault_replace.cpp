// `tacit vault restore|salvage|copies`: another vault file in the place of the present one.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "cli/authorization.h"
#include "cli/command.h"
#include "cli/json.h"
#include "cli/new_keys.h"
#include "cli/options.h"
#include "cli/output_file.h"
#include "cli/progress.h"
#include "cli/text_parts.h"
#include "cli/time_text.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

constexpr std::size_t kPartBytes = 512 * 1024;

/// Nothing is done to a vault that is there without a yes.
Result<void> may_replace(Context& context, bool yes, const std::string& question) {
  const auto status = context.client().status();
  if (!status.ok()) return status.error();
  if (yes || status->state == VaultState::kNone) return {};
  if (context.terminal() == nullptr) {
    return Error{Reason::kInvalidArgument,
                 "there is a vault here; say --yes to have it replaced "
                 "(its file is kept as an old one)"};
  }
  const auto answer = context.terminal()->confirm(question, false);
  if (!answer.ok()) return answer.error();
  if (!*answer) return Error{Reason::kCancelled, "nothing was done"};
  return {};
}

Result<Credential> credential_from(Context& context, const CredentialSource& source,
                                   std::string_view question) {
  auto given = source.load();
  if (!given.ok()) return given.error();
  if (*given) return std::move(**given);
  Terminal* terminal = context.terminal();
  if (terminal == nullptr) return ask_authorization(context);  // which says what is missing
  auto passphrase = terminal->ask_secret(question);
  if (!passphrase.ok()) return passphrase.error();
  if (passphrase->empty()) return Error{Reason::kCancelled, "no passphrase was given"};
  return Credential{Credential::Kind::kPassphrase, std::move(*passphrase)};
}

struct RestoreOptions {
  std::string path;
  CredentialSource source;
  std::string current_passphrase_file;
  std::string current_key_file;
  bool yes = false;
};

class BackupFile {
 public:
  ~BackupFile() {
    if (fd_ > STDIN_FILENO) ::close(fd_);
  }
  BackupFile() = default;
  BackupFile(const BackupFile&) = delete;
  BackupFile& operator=(const BackupFile&) = delete;

  Result<void> open(const std::string& path) {
    path_ = path;
    fd_ = path == kStandardStream ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd_ < 0) return failed("cannot open ");
    return {};
  }
  /// From the beginning again; not of a pipe.
  Result<void> rewind() {
    if (::lseek(fd_, 0, SEEK_SET) != 0) return failed("cannot read again ");
    return {};
  }
  /// Empty: that was all.
  Result<SecretBytes> next() {
    SecretBytes part(kPartBytes);
    std::size_t size = 0;
    while (size < part.size()) {
      const ssize_t got = ::read(fd_, part.writable().data() + size, part.size() - size);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return failed("cannot read ").error();
      if (got == 0) break;
      size += static_cast<std::size_t>(got);
    }
    part.truncate(size);
    return part;
  }

 private:
  Result<void> failed(const char* doing) const {
    return Error{Reason::kIoError, doing + path_ + ": " + std::strerror(errno)};
  }
  std::string path_;
  int fd_ = -1;
};

Result<void> upload(Context& context, BackupFile& file) {
  Progress progress("handing the backup over, bytes");
  std::uint64_t size = 0;
  const auto done = context.client().upload_backup([&]() -> Result<SecretBytes> {
    auto part = file.next();
    if (part.ok()) size += part->size();
    progress.show(size, 0);
    return part;
  });
  if (!done.ok()) return done.error();
  if (*done == 0) return Error{Reason::kNotAVault, "the backup is empty"};
  return {};
}

Result<void> restore(Context& context, const Credential& credential, const Credential* current) {
  Progress progress("checking");
  return context.client().restore_backup(
      credential, current,
      [&](std::uint64_t done, std::uint64_t total) { progress.show(done, total); });
}

Result<std::optional<Credential>> current_of(const RestoreOptions& options) {
  if (options.current_passphrase_file.empty() && options.current_key_file.empty()) {
    return std::optional<Credential>();
  }
  CredentialSource source;
  source.passphrase_file = options.current_passphrase_file;
  source.key_file = options.current_key_file;
  return source.load();
}

Result<void> restore_from(Context& context, const RestoreOptions& options) {
  BackupFile file;
  if (auto opened = file.open(options.path); !opened.ok()) return opened;
  if (auto may = may_replace(context, options.yes,
                             "The backup takes the place of the vault that is here, whose file is "
                             "kept as an old one. Go on?");
      !may.ok()) {
    return may;
  }
  const auto credential =
      credential_from(context, options.source, "Passphrase that opens the backup: ");
  if (!credential.ok()) return credential.error();
  auto current = current_of(options);
  if (!current.ok()) return current.error();
  if (auto uploaded = upload(context, file); !uploaded.ok()) return uploaded;
  auto restored = restore(context, *credential, *current ? &**current : nullptr);
  const bool other_keys = !restored.ok() && restored.error().code == Reason::kFork && !*current;
  if (!other_keys || context.terminal() == nullptr || options.path == kStandardStream) {
    return restored;
  }
  context.terminal()->say("The backup has other keys than the vault that is here.\n");
  auto passphrase = context.terminal()->ask_secret("Passphrase of the vault that is here: ");
  if (!passphrase.ok()) return passphrase.error();
  const Credential present{Credential::Kind::kPassphrase, std::move(*passphrase)};
  if (auto again = file.rewind(); !again.ok()) return again;
  if (auto uploaded = upload(context, file); !uploaded.ok()) return uploaded;
  return restore(context, *credential, &present);
}

int run_restore(Context& context, const RestoreOptions& options) {
  const auto restored = restore_from(context, options);
  if (!restored.ok()) return fail(restored.error());
  remark(
      "the backup is the vault now, unlocked; `tacit vault copies` shows what is kept of before");
  return 0;
}

struct SalvageOptions {
  CredentialSource source;
  bool yes = false;
};

std::string in_words(const SalvageLoss& loss) {
  const std::string where = loss.collection + (loss.name.empty() ? "" : "/" + loss.name);
  return (where.empty() ? "" : visible(where) + ": ") + loss.message;
}

Result<void> print_salvage(const SalvageSummary& summary, const std::vector<SalvageLoss>& losses) {
  JsonWriter json;
  json.begin_object();
  json.member("items", summary.items);
  json.member("versions", summary.versions);
  json.member("losses", summary.losses);
  json.member("slots_dropped", summary.slots_dropped);
  json.member("rules_tightened", summary.rules_tightened);
  json.key("lost");
  json.begin_array();
  for (const SalvageLoss& loss : losses) {
    json.begin_object();
    json.member("message", loss.message);
    if (!loss.collection.empty()) json.member("collection", loss.collection);
    if (!loss.name.empty()) json.member("name", loss.name);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return print(json.take().bytes());
}

int run_salvage(Context& context, const SalvageOptions& options) {
  if (const auto may = may_replace(context, options.yes,
                                   "What the vault still holds is put in a new one, which takes "
                                   "its place; its file is kept as an old one. Go on?");
      !may.ok()) {
    return fail(may.error());
  }
  const auto credential = credential_from(context, options.source, "Passphrase for the vault: ");
  if (!credential.ok()) return fail(credential.error());
  std::vector<SalvageLoss> losses;
  Result<SalvageSummary> summary = [&] {
    Progress progress("salvaging");
    return context.client().salvage(
        *credential, [&](std::uint64_t done, std::uint64_t total) { progress.show(done, total); },
        [&](const SalvageLoss& loss) { losses.push_back(loss); });
  }();
  if (!summary.ok()) return fail(summary.error());
  if (context.options.json) return finish(print_salvage(*summary, losses));
  for (const SalvageLoss& loss : losses) complain(in_words(loss));
  if (summary->slots_dropped) {
    remark(
        "the ways to open the vault were changed: only the one just used is left; "
        "`tacit slot add` adds others");
  }
  if (summary->rules_tightened) {
    remark("rules of who may ask were lost: every collection asks; see `tacit policy`");
  }
  return finish(print("Kept " + counted(summary->items, "secret", "secrets") + " in " +
                      counted(summary->versions, "version", "versions") + "; " +
                      counted(summary->losses, "loss", "losses") + ".\n"));
}

struct CopiesOptions {
  CredentialSource source;
  bool remove = false;
};

Result<void> print_copies(const Context& context, const std::vector<OldFile>& files) {
  if (!context.options.json) {
    std::string text;
    for (const OldFile& file : files) {
      text += file.name + "  " + std::to_string(file.bytes) + " bytes  " + rfc3339(file.modified) +
              "\n";
    }
    return print(text);
  }
  JsonWriter json;
  json.begin_array();
  for (const OldFile& file : files) {
    json.begin_object();
    json.member("name", file.name);
    json.member("bytes", file.bytes);
    json.member("modified", rfc3339(file.modified));
    json.end_object();
  }
  json.end_array();
  return print(json.take().bytes());
}

int run_copies(Context& context, const CopiesOptions& options) {
  if (options.remove) {
    const auto files = context.client().old_files();
    if (!files.ok()) return fail(files.error());
    if (files->empty()) {
      remark("there is no old vault file");
      return 0;
    }
    const auto authorization = authorize(context, options.source);
    if (!authorization.ok()) return fail(authorization.error());
    return finish(offer_to_delete_old_files(context, *authorization, true));
  }
  const auto files = context.client().old_files();
  return files.ok() ? finish(print_copies(context, *files)) : fail(files.error());
}

}  // namespace

Action define_vault_restore(CLI::App& app) {
  auto options = std::make_shared<RestoreOptions>();
  add_path(app, "FILE", options->path, "A copy that `tacit vault backup` made; - is the input")
      ->required()
      ->type_name("");
  options->source.add_to(app);
  auto* passphrase = add_path(app, "--current-passphrase-file", options->current_passphrase_file,
                              "Of the vault that is here, where the backup has other keys");
  auto* key = add_path(app, "--current-key-file", options->current_key_file, "Likewise a key file");
  passphrase->excludes(key);
  app.add_flag("-y,--yes", options->yes, "Replace the vault that is here without asking");
  return [options](Context& context) { return run_restore(context, *options); };
}

Action define_vault_salvage(CLI::App& app) {
  auto options = std::make_shared<SalvageOptions>();
  options->source.add_to(app);
  app.add_flag("-y,--yes", options->yes, "Do not ask");
  return [options](Context& context) { return run_salvage(context, *options); };
}

Action define_vault_copies(CLI::App& app) {
  auto options = std::make_shared<CopiesOptions>();
  app.add_flag("--delete", options->remove, "Delete them, which needs the passphrase");
  options->source.add_to(app);
  return [options](Context& context) { return run_copies(context, *options); };
}

}  // namespace tacit::cli
