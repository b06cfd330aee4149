#include "daemon/rpc/admin_service.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "daemon/rpc/authorization.h"
#include "daemon/rpc/convert.h"

namespace tacit {
namespace {

constexpr std::size_t kMostPurposeBytes = 256;

absl::Status nothing_to_make(SlotWork&) { return absl::OkStatus(); }

std::string_view kind_in_words(SlotKind kind) {
  switch (kind) {
    case SlotKind::kPassphrase:
      return "passphrase";
    case SlotKind::kRecoveryKey:
      return "recovery key";
    case SlotKind::kKeyFile:
      return "key file";
  }
  return "unknown kind";
}

/// `slot 2 (key file)`
std::string slot_in_words(const std::vector<Slot>& slots, std::uint32_t index) {
  const auto slot = std::ranges::find(slots, index, &Slot::index);
  return "slot " + std::to_string(index) + " (" +
         (slot == slots.end() ? "not there" : std::string(kind_in_words(slot->kind))) + ")";
}

}  // namespace

AdminService::AdminService(Core& core, Server& server) : core_(core) {
  server.add_service(service_);
  server.add(service_, {"Admin.ListSlots", 2, true}, this, &AdminService::list_slots);
  server.add(service_, {"Admin.AddSlot", 2, true}, this, &AdminService::add_slot);
  server.add(service_, {"Admin.RemoveSlot", 2, true}, this, &AdminService::remove_slot);
  server.add(service_, {"Admin.ChangePassphrase", 2, true}, this, &AdminService::change_passphrase);
  server.add(service_, {"Admin.CheckCredential", 2, true}, this, &AdminService::check_credential);
  server.add(service_, {"Admin.ConfirmRecoveryKey", 2, true}, this,
             &AdminService::confirm_recovery_key);
  server.add(service_, {"Admin.AcceptRollback", 2, true}, this, &AdminService::accept_rollback);
  server.add(service_, {"Admin.Verify", 2, true}, this, &AdminService::verify);
  server.add(service_, {"Admin.Backup", 2, true}, this, &AdminService::backup);
  server.add(service_, {"Admin.Rotate", 2, true}, this, &AdminService::rotate);
}

void AdminService::list_slots(Unary<v1::ListSlotsRequest, v1::ListSlotsReply>& call) {
  authorized(core_, call, {}, true, [this, &call] {
    call.finish(core_.session.with_vault(Use::kPassive, [&](Vault& vault) -> absl::Status {
      for (const Slot& slot : vault.slots()) fill(slot, *call.reply().add_slots());
      return absl::OkStatus();
    }));
  });
}

void AdminService::add_slot(Unary<v1::AddSlotRequest, v1::AddSlotReply>& call) {
  struct NewSlot {
    std::optional<Credential> credential;  ///< none: a recovery key is made
    Slot slot;
    SecretBytes recovery_key;
  };
  auto fresh = std::make_shared<NewSlot>();
  if (call.request().has_credential()) {
    if (call.request().credential().has_recovery_key()) {
      return call.fail(make_error(Reason::kInvalidArgument,
                                  "a recovery key cannot be chosen; leave the credential out "
                                  "and one is made"));
    }
    absl::StatusOr<Credential> given = credential_from(*call.request().mutable_credential());
    if (!given.ok()) return call.fail(given.status());
    fresh->credential = *std::move(given);
  }
  with_authorization(
      core_, call,
      [this, fresh](SlotWork& work) -> absl::Status {
        const bool recovery = !fresh->credential;
        if (recovery) {
          fresh->recovery_key = generate_recovery_key();
          fresh->credential = Credential{SlotKind::kRecoveryKey, fresh->recovery_key.clone()};
        }
        const KdfParams cost =
            fresh->credential->kind == SlotKind::kPassphrase ? core_.new_slot_cost() : KdfParams{};
        auto slot =
            prepare_slot(*fresh->credential, work.root, work.vault_id, cost, core_.wall_clock());
        fresh->credential->secret = SecretBytes();
        if (!slot.ok()) return slot.status();
        fresh->slot = *std::move(slot);
        return absl::OkStatus();
      },
      [kind =
           fresh->credential ? fresh->credential->kind : SlotKind::kRecoveryKey](const SlotWork&) {
        return AdminChange{.change = "add a slot: " + std::string(kind_in_words(kind))};
      },
      [this, &call, fresh](SlotWork&) {
        const absl::StatusOr<std::uint32_t> index = core_.session.with_vault(
            Use::kActive, [&](Vault& vault) { return vault.add_slot(fresh->slot); });
        if (index.ok()) {
          call.reply().set_index(*index);
          call.reply().set_recovery_key(field_of(fresh->recovery_key));
        }
        return index.status();
      });
}

void AdminService::remove_slot(Unary<v1::RemoveSlotRequest, v1::RemoveSlotReply>& call) {
  with_authorization(
      core_, call, nothing_to_make,
      [index = call.request().index()](const SlotWork& work) {
        return AdminChange{.change = "remove " + slot_in_words(work.slots, index)};
      },
      [this, &call](SlotWork&) {
        return core_.session.with_vault(
            Use::kActive, [&](Vault& vault) { return vault.remove_slot(call.request().index()); });
      });
}

void AdminService::change_passphrase(
    Unary<v1::ChangePassphraseRequest, v1::ChangePassphraseReply>& call) {
  absl::StatusOr<Credential> given = passphrase_from(*call.request().mutable_new_passphrase());
  if (!given.ok()) return call.fail(given.status());
  struct Change {
    Credential passphrase;
    Slot slot;
  };
  auto change = std::make_shared<Change>();
  change->passphrase = *std::move(given);
  const std::optional<std::uint32_t> wanted =
      call.request().has_index() ? std::optional(call.request().index()) : std::nullopt;
  with_authorization(
      core_, call,
      [this, change, wanted](SlotWork& work) -> absl::Status {
        const std::uint32_t index = wanted.value_or(*work.opened);
        const auto old = std::ranges::find(work.slots, index, &Slot::index);
        if (old == work.slots.end()) {
          return make_error(Reason::kNotFound, "there is no slot " + std::to_string(index) +
                                                   "; `tacit slot list` shows those there are");
        }
        if (old->kind != SlotKind::kPassphrase) {
          return make_error(Reason::kInvalidArgument,
                            "slot " + std::to_string(index) +
                                " has no passphrase; name the slot whose passphrase to change");
        }
        auto slot = prepare_slot(change->passphrase, work.root, work.vault_id,
                                 core_.new_slot_cost(), core_.wall_clock());
        change->passphrase.secret = SecretBytes();
        if (!slot.ok()) return slot.status();
        change->slot = *std::move(slot);
        change->slot.index = index;
        return absl::OkStatus();
      },
      [wanted](const SlotWork& work) {
        const auto index = wanted ? wanted : work.opened;
        return AdminChange{.change = "change the passphrase" +
                                     (index ? " of slot " + std::to_string(*index) : "")};
      },
      [this, change](SlotWork&) {
        return core_.session.with_vault(Use::kActive, [&](Vault& vault) {
          return vault.replace_slot(change->slot.index, change->slot);
        });
      });
}

void AdminService::check_credential(
    Unary<v1::CheckCredentialRequest, v1::CheckCredentialReply>& call) {
  const std::string& purpose = call.request().purpose();
  if (purpose.empty() || purpose.size() > kMostPurposeBytes) {
    return call.fail(make_error(Reason::kInvalidArgument, "say what for, in at most 256 bytes"));
  }
  with_authorization(
      core_, call, nothing_to_make,
      [purpose](const SlotWork&) { return AdminChange{.change = purpose}; },
      [](SlotWork&) { return absl::OkStatus(); });
}

void AdminService::confirm_recovery_key(
    Unary<v1::ConfirmRecoveryKeyRequest, v1::ConfirmRecoveryKeyReply>& call) {
  const AdminChange change{.change = "confirm the recovery key"};
  const Wanted wanted{.may_ask = true, .told_later = true, .planned = change};
  authorized(core_, call, wanted, [this, &call, change](const AccessVerdict& verdict) {
    carry_out(core_, call, verdict, change, [this] {
      return core_.session.with_vault(Use::kPassive,
                                      [](Vault& vault) { return vault.confirm_recovery_key(); });
    });
  });
}

void AdminService::accept_rollback(
    Unary<v1::AcceptRollbackRequest, v1::AcceptRollbackReply>& call) {
  with_authorization(
      core_, call, nothing_to_make,
      [](const SlotWork&) { return AdminChange{.change = "accept the rollback"}; },
      [this](SlotWork&) {
        return core_.session.with_vault(Use::kActive,
                                        [](Vault& vault) { return vault.accept_rollback(); });
      });
}

}  // namespace tacit
