// A backup: SQLite's online copy of the ciphertext, made and checked in slices between which the
// vault serves and changes. SQLite carries a change of the source's own connection over into pages
// that were copied already (https://www.sqlite.org/c3ref/backup_finish.html), so that the copy is
// the vault as of the last slice of copying, and that is what it is compared with.
#include <unistd.h>

#include <algorithm>

#include "daemon/base/status.h"
#include "daemon/vault/leftovers.h"
#include "daemon/vault/vault_core.h"

namespace tacit {
namespace {

/// Each makes every write dearer until it is done.
constexpr std::size_t kMaxBackups = 4;

struct FinishCopying {
  void operator()(sqlite3_backup* copying) const noexcept { sqlite3_backup_finish(copying); }
};

absl::Status locked_meanwhile() {
  return make_error(Reason::kLocked,
                    "the vault was locked while it was copied; unlock it and begin again");
}

}  // namespace

struct Vault::Backup::Impl {
  Impl(Core& of, std::string path) : core(of), target(std::move(path)) {}
  ~Impl() {
    scan_.reset();
    copy_.reset();
    copying_.reset();
    out_.reset();
    if (!whole) remove_database(target);
  }

  absl::Status begin() {
    absl::StatusOr<FileHandle> held = hold_passing(target);
    if (!held.ok()) return held.status();
    hold_ = *std::move(held);
    absl::StatusOr<Connection> opened = Connection::open(target, SQLITE_OPEN_READWRITE);
    if (!opened.ok()) return opened.status();
    out_ = *std::move(opened);
    // A copy that is not whole is thrown away, so nothing guards it on the way.
    if (absl::Status status = out_->run("PRAGMA locking_mode=EXCLUSIVE;PRAGMA journal_mode=MEMORY;"
                                        "PRAGMA synchronous=OFF",
                                        "taking the copy");
        !status.ok()) {
      return status;
    }
    copying_.reset(
        sqlite3_backup_init(out_->handle(), "main", core.store.connection().handle(), "main"));
    if (!copying_) return copy_error(sqlite3_errcode(out_->handle()));
    return absl::OkStatus();
  }

  absl::StatusOr<bool> step(std::size_t amount) {
    return copying_ ? copy_pages(static_cast<int>(amount)) : check_rows(amount);
  }

  Core& core;
  const std::string target;
  bool whole = false;

 private:
  absl::Status copy_error(int code) const {
    return sqlite_error(out_->handle(), code, "copying the vault");
  }

  absl::StatusOr<bool> copy_pages(int pages) {
    const int code = sqlite3_backup_step(copying_.get(), pages);
    if (code == SQLITE_OK) return false;
    if (code != SQLITE_DONE) return copy_error(code);
    sums_ = core.state.sums;
    state_ = core.committed_sealed;
    if (const int end = sqlite3_backup_finish(copying_.release()); end != SQLITE_OK) {
      return copy_error(end);
    }
    out_.reset();
    absl::StatusOr<std::unique_ptr<Store>> opened = Store::open(target, Store::Mode::kInspected);
    if (!opened.ok()) return opened.status();
    copy_ = *std::move(opened);
    const auto sealed = copy_->read_state();
    if (!sealed.ok()) return sealed.status();
    if (*sealed != state_) return differs();
    scan_.emplace(*copy_, core.set_key, nullptr);
    return false;
  }

  absl::StatusOr<bool> check_rows(std::size_t rows) {
    const absl::StatusOr<bool> all = scan_->step(rows);
    if (!all.ok() || !*all) return all;
    if (scan_->sums() != sums_) return differs();
    scan_.reset();
    copy_.reset();
    whole = true;
    return true;
  }

  static absl::Status differs() { return damaged("the copy is not what the vault holds"); }

  FileHandle hold_;  ///< closes after SQLite's descriptors, whose locks would go with it
  std::optional<Connection> out_;
  std::unique_ptr<sqlite3_backup, FinishCopying> copying_;
  /// Of the vault when the copy was complete.
  std::array<RowSum, kTables> sums_{};
  std::vector<unsigned char> state_;
  std::unique_ptr<Store> copy_;
  std::optional<RowScan> scan_;
};

Vault::Backup::Backup(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Vault::Backup::~Backup() = default;

absl::StatusOr<bool> Vault::Backup::step(std::size_t amount) {
  if (!impl_) return ended_;
  if (impl_->whole) return true;
  absl::StatusOr<bool> done = impl_->step(std::clamp<std::size_t>(amount, 1, 1 << 20));
  if (!done.ok()) end(done.status());
  return done;
}

void Vault::Backup::end(const absl::Status& why) {
  if (!impl_ || impl_->whole) return;
  impl_.reset();
  ended_ = why;
}

void Vault::Core::end_backups() {
  for (const std::weak_ptr<Backup>& each : backups) {
    if (const std::shared_ptr<Backup> backup = each.lock()) backup->end(locked_meanwhile());
  }
  backups.clear();
}

absl::StatusOr<std::shared_ptr<Vault::Backup>> Vault::start_backup(const std::string& path) {
  std::erase_if(core_->backups, [](const auto& each) { return each.expired(); });
  if (core_->backups.size() >= kMaxBackups) {
    return make_error(Reason::kLimit,
                      "as many backups as may be at once are being made; wait for one of them");
  }
  // SQLite would follow what is there; a new file of ours is what it gets.
  absl::StatusOr<std::string> folder = resolved_folder(parent_of(path));
  if (!folder.ok()) return folder.status();
  const std::size_t slash = path.rfind('/');
  const std::string target =
      *folder + "/" + (slash == std::string::npos ? path : path.substr(slash + 1));
  if (absl::Status status = create_private_file(target); !status.ok()) return status;
  auto impl = std::make_unique<Backup::Impl>(*core_, target);
  if (absl::Status status = impl->begin(); !status.ok()) return status;
  std::shared_ptr<Backup> backup(new Backup(std::move(impl)));
  core_->backups.push_back(backup);
  return backup;
}

}  // namespace tacit
