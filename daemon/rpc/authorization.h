// Administration needs a credential again, whoever asks.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "daemon/rpc/convert.h"
#include "daemon/rpc/core.h"

namespace tacit {

/// What the worker gets to check a credential and to make a slot.
struct SlotWork {
  Credential authorization;
  std::vector<Slot> slots;
  VaultId vault_id{};
  KeyBytes root;                        ///< of the open vault; only while the work lasts
  std::optional<std::uint32_t> opened;  ///< the slot that the authorization opens
};

/// The last step of a change that was let in with `told_later`: writes down what it changes,
/// then calls `apply()`. One that returns a status finishes the call with it, and the log has that
/// nothing came of it; another answers by itself.
template <class CallType, class Apply>
void carry_out(Core& core, CallType& call, const AccessVerdict& verdict, const AdminChange& change,
               Apply apply) {
  const absl::Status noted = core.access.note_change(verdict, call.name(), change);
  if (!noted.ok()) return call.fail(noted);
  if constexpr (std::is_void_v<std::invoke_result_t<Apply>>) {
    apply();
  } else {
    const absl::Status done = apply();
    if (!done.ok()) core.access.note_undone(verdict, call.name(), change, done);
    call.finish(done);
  }
}

/// For a call that `verdict` let in with `told_later`: checks `work->authorization` on the worker,
/// lets `make(SlotWork&)` prepare something there, and carries `apply(SlotWork&)` out on the vault
/// thread; `change(const SlotWork&)` says there, just before, what it changes. An error of the
/// check or of `make` fails the call.
template <class CallType, class Make, class Change, class Apply>
void with_credential(Core& core, CallType& call, const AccessVerdict& verdict,
                     std::shared_ptr<SlotWork> work, Make make, Change change, Apply apply) {
  derive(core, call, [=, &core, &call]() -> absl::StatusOr<Work> {
    const absl::Status taken =
        core.session.with_vault(Use::kPassive, [&](Vault& vault) -> absl::Status {
          work->slots = vault.slots();
          work->vault_id = vault.vault_id();
          work->root = vault.root();
          return absl::OkStatus();
        });
    if (!taken.ok()) return taken;
    return Work([=, &core, &call]() -> Completion {
      absl::Status checked;
      const auto opened = open_slot(work->authorization, work->slots, work->vault_id);
      if (opened.ok()) {
        work->opened = opened->index;
      } else {
        checked = opened.status();
      }
      work->authorization.secret = SecretBytes();
      const absl::Status made = checked.ok() ? make(*work) : checked;
      work->root = KeyBytes();
      return [=, &core, &call] {
        const AdminChange what = change(std::as_const(*work));
        judge_credential(core, call, checked, what);
        if (!made.ok()) return call.fail(made);
        carry_out(core, call, verdict, what, [&] { return apply(*work); });
      };
    });
  });
}

/// The same for administration, with the `authorization` of the request; asks first whether the
/// call may at all.
template <class CallType, class Make, class Change, class Apply>
void with_authorization(Core& core, CallType& call, Make make, Change change, Apply apply) {
  const absl::StatusOr<Vault*> gate = core.session.unlocked(Use::kPassive);
  if (!gate.ok()) return call.fail(gate.status());
  absl::StatusOr<Credential> given = credential_from(*call.request().mutable_authorization());
  if (!given.ok()) return call.fail(given.status());
  auto work = std::make_shared<SlotWork>();
  work->authorization = *std::move(given);
  work->slots = (*gate)->slots();  // for what is planned, in words
  const Wanted wanted{.may_ask = true,
                      .told_later = true,
                      .by_credential = true,
                      .planned = change(std::as_const(*work))};
  authorized(core, call, wanted, [=, &core, &call](const AccessVerdict& verdict) {
    with_credential(core, call, verdict, work, make, change, apply);
  });
}

}  // namespace tacit
