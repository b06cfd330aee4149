// Replacement.ReplaceKeys: a copy in slices while the vault serves, sealed anew by the worker, and
// the vault served from there on.
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "daemon/rpc/authorization.h"
#include "daemon/rpc/convert.h"
#include "daemon/rpc/replacement_service.h"
#include "daemon/rpc/slices.h"
#include "daemon/session/replace_vault.h"
#include "daemon/vault/leftovers.h"

namespace tacit {
namespace {

constexpr int kMostCredentials = 16;

}  // namespace

/// What one call makes.
struct ReplacementService::NewKeys {
  NewKeys() = default;
  ~NewKeys() {
    making.reset();
    if (!copy.empty()) remove_database(copy);
  }
  NewKeys(const NewKeys&) = delete;
  NewKeys& operator=(const NewKeys&) = delete;

  std::vector<Credential> credentials;
  bool with_recovery_key = false;
  std::optional<std::uint32_t> removed_slot;
  KeyBytes root;  ///< of the vault as it was
  FreshKeys fresh;
  std::shared_ptr<Vault::Backup> making;
  std::string copy;
  std::shared_ptr<const void> held;  ///< writing, until the session sees to that
};

void ReplacementService::replace_keys(KeysCall& call) {
  v1::ReplaceKeysRequest& request = call.request();
  if (request.credentials_size() < 1 || request.credentials_size() > kMostCredentials) {
    return call.fail(make_error(Reason::kInvalidArgument,
                                "give 1 to 16 credentials that open the vault from now on"));
  }
  auto keys = std::make_shared<NewKeys>();
  keys->with_recovery_key = request.with_recovery_key();
  if (request.has_removed_slot()) keys->removed_slot = request.removed_slot();
  for (v1::Credential& each : *request.mutable_credentials()) {
    if (each.has_recovery_key()) {
      return call.fail(
          make_error(Reason::kInvalidArgument,
                     "a recovery key cannot be chosen; ask for one with `with_recovery_key`"));
    }
    absl::StatusOr<Credential> credential = credential_from(each);
    if (!credential.ok()) return call.fail(credential.status());
    keys->credentials.push_back(*std::move(credential));
  }
  with_authorization(
      core_, call,
      [this, keys](SlotWork& slot) -> absl::Status {
        if (keys->removed_slot && slot.opened == keys->removed_slot) {
          return make_error(Reason::kInvalidArgument,
                            "what was given opens the very slot that is to go; give what opens one "
                            "that stays");
        }
        absl::StatusOr<FreshKeys> fresh =
            make_fresh_keys(slot.vault_id, keys->credentials, keys->with_recovery_key,
                            core_.new_slot_cost(), core_.wall_clock());
        keys->credentials.clear();
        if (!fresh.ok()) return fresh.status();
        keys->fresh = *std::move(fresh);
        keys->root = slot.root.clone();
        return absl::OkStatus();
      },
      [](const SlotWork&) { return AdminChange{.change = "replace all keys"}; },
      [this, &call, keys](SlotWork&) {
        if (absl::Status started = start_copy(*keys); !started.ok()) return call.fail(started);
        using Teller = ProgressTeller<KeysCall>;
        auto rest = [keys, told = false](v1::ReplaceKeysReply& reply) mutable {
          if (std::exchange(told, true)) return false;
          reply.set_recovery_key(field_of(keys->fresh.recovery_key));
          return true;
        };
        call.stream([this, &call, keys, rest, teller = std::unique_ptr<Teller>()](
                        v1::ReplaceKeysReply& reply) mutable -> absl::StatusOr<Step> {
          if (teller) return teller->next(reply, rest);
          const absl::StatusOr<bool> whole = go_on_copying(*keys);
          if (!whole.ok()) return whole.status();
          if (*whole) teller = std::make_unique<Teller>(call, seal_anew(call, keys));
          return Step::kAgain;
        });
      });
}

absl::Status ReplacementService::start_copy(NewKeys& keys) {
  return core_.session.with_vault(Use::kActive, [&](Vault& vault) -> absl::Status {
    absl::StatusOr<std::shared_ptr<const void>> held = vault.hold_writing();
    if (!held.ok()) return held.status();
    std::string copy = core_.session.place().dir + "/" + new_backup_name();
    auto started = vault.start_backup(copy);
    if (!started.ok()) return started.status();
    keys.held = *std::move(held);
    keys.copy = std::move(copy);
    keys.making = *std::move(started);
    return absl::OkStatus();
  });
}

absl::StatusOr<bool> ReplacementService::go_on_copying(NewKeys& keys) {
  const Slice slice(core_.limits);
  bool whole = false;
  while (!whole && !slice.over()) {
    const absl::StatusOr<bool> step = core_.session.with_vault(
        Use::kActive, [&](Vault&) { return keys.making->step(kPagesAtOnce); });
    if (!step.ok()) return step.status();
    whole = *step;
  }
  if (whole) keys.making.reset();
  return whole;
}

std::shared_ptr<LongWork> ReplacementService::seal_anew(KeysCall& call,
                                                        const std::shared_ptr<NewKeys>& keys) {
  auto work = std::make_shared<LongWork>();
  const absl::StatusOr<LockedVault::Seat> seat =
      core_.session.start_succession(std::move(keys->held));
  if (!seat.ok()) {
    work->end(seat.status());
    return work;
  }
  const auto prepare = [this, work, keys, seat = *seat]() -> absl::StatusOr<Work> {
    return Work([=, this]() -> Completion {
      auto opened = std::make_shared<OpenedVault>(tacit::replace_keys(
          seat, keys->copy, keys->root, keys->fresh.keys, steps_of(core_, work)));
      keys->root = KeyBytes();
      keys->fresh.keys.root = KeyBytes();
      return [=, this] {
        work->end(core_.session.end_succession(std::move(opened->file), std::move(opened->vault)));
      };
    });
  };
  start_long_work(core_, call.peer().process->key, work, prepare, [this] {
    core_.session.end_succession(nullptr, absl::CancelledError("given up")).IgnoreError();
  });
  return work;
}

}  // namespace tacit
