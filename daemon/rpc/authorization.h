// Administration needs a credential again, whoever asks.
#pragma once
#include <memory>
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
  KeyBytes root;             ///< of the open vault; only while the work lasts
  std::uint32_t opened = 0;  ///< the slot that the authorization opens
};

/// Checks `work->authorization` on the worker, lets `make(SlotWork&)` prepare something there, and
/// calls `apply(SlotWork&)` on the vault thread, which finishes the call. Whether the call may at
/// all is asked before. An error of the check or of `make` fails the call.
template <class CallType, class Make, class Apply>
void with_credential(Core& core, CallType& call, std::shared_ptr<SlotWork> work, Make make,
                     Apply apply) {
  derive(core, call, [&core, &call, work, make, apply]() -> absl::StatusOr<Work> {
    const absl::Status taken =
        core.session.with_vault(Use::kPassive, [&](Vault& vault) -> absl::Status {
          work->slots = vault.slots();
          work->vault_id = vault.vault_id();
          work->root = vault.root();
          return absl::OkStatus();
        });
    if (!taken.ok()) return taken;
    return Work([&core, &call, work, make, apply]() -> Completion {
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
      return [&core, &call, work, apply, checked, made] {
        judge_credential(core, call, checked);
        if (!made.ok()) return call.fail(made);
        apply(*work);
      };
    });
  });
}

/// Takes `authorization` from the request, checks it on the worker, lets `make(SlotWork&)`
/// prepare something there, and calls `apply(SlotWork&)` on the vault thread, which finishes the
/// call. An error of the check or of `make` fails the call.
template <class CallType, class Make, class Apply>
void with_authorization(Core& core, CallType& call, Make make, Apply apply) {
  if (const auto gate = core.session.unlocked(Use::kPassive); !gate.ok()) {
    return call.fail(gate.status());
  }
  absl::StatusOr<Credential> given = credential_from(*call.request().mutable_authorization());
  if (!given.ok()) return call.fail(given.status());
  auto work = std::make_shared<SlotWork>();
  work->authorization = *std::move(given);
  authorized(core, call, {}, true,
             [&core, &call, work, make, apply] { with_credential(core, call, work, make, apply); });
}

}  // namespace tacit
