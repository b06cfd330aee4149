#include "daemon/rpc/replacement_service.h"

#include <memory>
#include <optional>
#include <utility>

#include "daemon/access/grants.h"
#include "daemon/access/rule.h"
#include "daemon/rpc/asked_by.h"
#include "daemon/rpc/authorization.h"
#include "daemon/rpc/convert.h"
#include "daemon/session/replace_vault.h"
#include "daemon/vault/leftovers.h"

namespace tacit {
namespace {

constexpr std::size_t kMostOldFiles = 1000;
constexpr std::size_t kMostChunk = 768 * 1024;

/// For a vault whose rules may be lost or old ones.
Tightening tightening() {
  Tightening out;
  out.rule = [](const SecretBytes* record) {
    const std::optional<Rule> rule = record != nullptr ? decode_rule(*record) : std::nullopt;
    return encode_rule(stricter(rule.value_or(Rule()), rule_of(Policy::kAsk)));
  };
  out.stays = [](const Vault::PolicyChange& record) {
    if (record.subject != kGrantSubject) return true;
    const std::optional<Grant> grant = decode_grant(*record.record);
    return !grant || grant->denied;  // what is not known is refused when it is loaded
  };
  return out;
}

/// A vault that is in place and was locked meanwhile is in place.
absl::Status done_though_locked(const absl::Status& opened) {
  return reason_of(opened) == Reason::kLocked ? absl::OkStatus() : opened;
}

/// A guess at what opens the present vault shows in another error.
void judge_guess(Core& core, const ProcessKey& who, const absl::Status& outcome) {
  if (reason_of(outcome) == Reason::kFork) {
    core.backoff.failed(who, core.clock.now());
  } else {
    judge_credential(core, who, outcome);
  }
}

}  // namespace

struct ReplacementService::RestoreCredentials {
  Credential backup;
  std::optional<Credential> current;
};

/// One restoring, from the worker and back.
struct ReplacementService::RestoreWork {
  ProcessKey who;
  std::string cause;
  std::string backup;
  std::shared_ptr<RestoreCredentials> credentials;
  std::shared_ptr<KeyBytes> root;
};

struct ReplacementService::SalvageWork {
  ProcessKey who;
  std::string cause;
  std::shared_ptr<Credential> credential;
  std::shared_ptr<Salvage> report;
};

ReplacementService::ReplacementService(Core& core, Server& server) : core_(core) {
  server.add_service(service_);
  server.add(service_, {"Replacement.ReplaceKeys", 2, true}, this,
             &ReplacementService::replace_keys);
  server.add(service_, {"Replacement.Upload", 2, true}, this, &ReplacementService::upload);
  server.add(service_, {"Replacement.RestoreBackup", 2, true}, this,
             &ReplacementService::restore_backup);
  server.add(service_, {"Replacement.Salvage", 2, true}, this, &ReplacementService::salvage);
  server.add(service_, {"Replacement.ListOldFiles", 2, true}, this,
             &ReplacementService::list_old_files);
  server.add(service_, {"Replacement.RemoveOldFile", 2, true}, this,
             &ReplacementService::remove_old_file);
}

void ReplacementService::upload(Unary<v1::UploadRequest, v1::UploadReply>& call) {
  if (call.request().chunk().size() > kMostChunk) {
    return call.fail(
        make_error(Reason::kInvalidArgument, "a part of a backup has at most 768 KiB"));
  }
  authorized(core_, call, {}, false, [this, &call] {
    const absl::StatusOr<std::uint64_t> size =
        upload_.add(core_.session.place().dir, call.peer().process->key, call.request().offset(),
                    call.request().chunk(), core_.clock.now());
    if (size.ok()) call.reply().set_size(*size);
    call.finish(size.status());
  });
}

void ReplacementService::restore_backup(
    Stream<v1::RestoreBackupRequest, v1::RestoreBackupReply>& call) {
  absl::StatusOr<Credential> given = credential_from(*call.request().mutable_credential());
  if (!given.ok()) return call.fail(given.status());
  auto credentials = std::make_shared<RestoreCredentials>();
  credentials->backup = *std::move(given);
  if (call.request().has_current()) {
    given = credential_from(*call.request().mutable_current());
    if (!given.ok()) return call.fail(given.status());
    credentials->current = *std::move(given);
  }
  look_up(call.peer());
  authorized(core_, call, {}, false, [this, &call, credentials] {
    std::optional<std::string> backup = upload_.take(call.peer().process->key);
    if (!backup) {
      return call.fail(make_error(Reason::kInvalidArgument,
                                  "no backup was handed over by this program; upload one first"));
    }
    auto work = std::make_shared<LongWork>();
    const RestoreWork restore{call.peer().process->key,
                              "a backup was restored, " + asked_by(call.peer()), *std::move(backup),
                              credentials, std::make_shared<KeyBytes>()};
    const auto drop = [backup = restore.backup] { remove_database(backup); };
    // What it is is looked at before the vault goes out of service for it.
    const auto check = [this, work, restore, drop]() -> absl::StatusOr<Work> {
      return Work([=, this]() -> Completion {
        absl::StatusOr<KeyBytes> root = root_of_backup(restore.backup, restore.credentials->backup);
        const absl::Status checked = root.status();
        if (root.ok()) *restore.root = *std::move(root);
        return [=, this] {
          judge_credential(core_, restore.who, checked);
          if (checked.ok()) return put_back(work, restore);
          drop();
          work->end(checked);
        };
      });
    };
    start_long_work(core_, restore.who, work, check, drop);
    tell_progress(call, work, [told = false](v1::RestoreBackupReply&) mutable {
      return !std::exchange(told, true);
    });
  });
}

void ReplacementService::put_back(const std::shared_ptr<LongWork>& work,
                                  const RestoreWork& restore) {
  const auto prepare = [this, work, restore]() -> absl::StatusOr<Work> {
    auto present = core_.session.start_replacing(restore.cause);
    if (!present.ok()) return present.status();
    auto file = std::make_shared<std::unique_ptr<LockedVault>>(*std::move(present));
    return Work([=, this]() -> Completion {
      auto restored = std::make_shared<Restored>(restore_vault(
          core_.session.place(), core_.wall_clock, std::move(*file), restore.backup, *restore.root,
          restore.credentials->backup, restore.credentials->current, steps_of(core_, work)));
      *restore.credentials = {};
      *restore.root = KeyBytes();
      return [=, this] {
        OpenedVault& opened = restored->opened;
        absl::Status outcome = opened.vault.status();
        judge_guess(core_, restore.who, outcome);
        if (opened.file) {
          outcome = done_though_locked(
              core_.session.opened(std::move(opened.file), std::move(opened.vault), restore.cause));
        } else {
          core_.session.not_replaced(std::move(restored->present));
        }
        work->end(outcome);
      };
    });
  };
  start_long_work(core_, restore.who, work, prepare,
                  [backup = restore.backup] { remove_database(backup); });
}

void ReplacementService::salvage(Stream<v1::SalvageRequest, v1::SalvageReply>& call) {
  absl::StatusOr<Credential> given = credential_from(*call.request().mutable_credential());
  if (!given.ok()) return call.fail(given.status());
  auto credential = std::make_shared<Credential>(*std::move(given));
  look_up(call.peer());
  authorized(core_, call, {}, false, [this, &call, credential] {
    auto work = std::make_shared<LongWork>();
    const SalvageWork salvage{call.peer().process->key,
                              "a damaged vault was salvaged, " + asked_by(call.peer()), credential,
                              std::make_shared<Salvage>()};
    const auto check = [this, work, salvage]() -> absl::StatusOr<Work> {
      const std::vector<Slot> slots = core_.session.slots();
      const VaultId vault_id = core_.session.vault_id().value_or(VaultId{});
      return Work([=, this]() -> Completion {
        // Of one that does not open they are not known yet.
        absl::Status checked;
        if (!slots.empty()) checked = open_slot(*salvage.credential, slots, vault_id).status();
        return [=, this] {
          judge_credential(core_, salvage.who, checked);
          if (checked.ok()) return save_what_is_left(work, salvage);
          work->end(checked);
        };
      });
    };
    start_long_work(core_, salvage.who, work, check, [] {});
    tell_progress(
        call, work,
        [report = salvage.report, next = std::size_t{0}](v1::SalvageReply& reply) mutable {
          if (next < report->losses.size()) {
            const Salvage::Loss& loss = report->losses[next++];
            reply.set_loss(loss.message);
            if (loss.where) fill(*loss.where, *reply.mutable_item());
            return true;
          }
          if (next++ > report->losses.size()) return false;
          v1::SalvageSummary& summary = *reply.mutable_summary();
          summary.set_items(report->items);
          summary.set_versions(report->versions);
          summary.set_losses(report->lost);
          summary.set_slots_dropped(!report->slots_whole);
          summary.set_rules_tightened(!report->policies_whole);
          return true;
        });
  });
}

void ReplacementService::save_what_is_left(const std::shared_ptr<LongWork>& work,
                                           const SalvageWork& salvage) {
  const auto prepare = [this, work, salvage]() -> absl::StatusOr<Work> {
    auto present = core_.session.start_replacing(salvage.cause);
    if (!present.ok()) return present.status();
    auto file = std::make_shared<std::unique_ptr<LockedVault>>(*std::move(present));
    return Work([=, this]() -> Completion {
      auto opened = std::make_shared<OpenedVault>(
          salvage_vault(core_.session.place(), core_.wall_clock, std::move(*file),
                        *salvage.credential, tightening(), *salvage.report, steps_of(core_, work)));
      salvage.credential->secret = SecretBytes();
      return [=, this] {
        absl::Status outcome = opened->vault.status();
        judge_credential(core_, salvage.who, outcome);
        if (opened->file) {
          outcome = done_though_locked(core_.session.opened(
              std::move(opened->file), std::move(opened->vault), salvage.cause));
        } else {
          core_.session.not_replaced(nullptr);
        }
        work->end(outcome);
      };
    });
  };
  start_long_work(core_, salvage.who, work, prepare, [] {});
}

void ReplacementService::list_old_files(
    Unary<v1::ListOldFilesRequest, v1::ListOldFilesReply>& call) {
  authorized(core_, call, {}, false, [this, &call] {
    const absl::StatusOr<std::vector<OldFile>> files = old_files(core_.session.place());
    if (!files.ok()) return call.finish(files.status());
    for (const OldFile& file : std::span(*files).first(std::min(files->size(), kMostOldFiles))) {
      v1::OldFile& out = *call.reply().add_files();
      out.set_name(file.name);
      out.set_bytes(file.bytes);
      out.set_modified_unix_ms(file.modified);
    }
    call.finish(absl::OkStatus());
  });
}

void ReplacementService::remove_old_file(
    Unary<v1::RemoveOldFileRequest, v1::RemoveOldFileReply>& call) {
  with_authorization(
      core_, call, [](SlotWork&) { return absl::OkStatus(); },
      [name = call.request().name()](const SlotWork&) {
        return AdminChange{.change = "remove the old vault file " + name};
      },
      [this, &call](SlotWork&) {
        return tacit::remove_old_file(core_.session.place(), call.request().name());
      });
}

}  // namespace tacit
