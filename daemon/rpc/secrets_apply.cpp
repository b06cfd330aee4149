// Secrets.Apply: several changes in one transaction.
#include <memory>
#include <utility>
#include <vector>

#include "daemon/rpc/convert.h"
#include "daemon/rpc/renewal_service.h"
#include "daemon/rpc/secrets_service.h"

namespace tacit {
namespace {

/// Takes the values out of the request and wipes them there.
absl::StatusOr<Vault::ItemEdit> edit_from(v1::ItemChange& change) {
  if (change.change_case() == v1::ItemChange::CHANGE_NOT_SET) {
    return invalid("a change stores or deletes; this one does neither");
  }
  const bool stores = change.has_set();
  absl::StatusOr<ItemName> where =
      item_name_from(stores ? change.set().item() : change.remove().item());
  if (!where.ok()) return where.status();
  Vault::ItemEdit edit{*std::move(where), {}, {}};
  if (stores) {
    absl::StatusOr<ItemChange> parsed = change_from(*change.mutable_set());
    if (!parsed.ok()) return parsed.status();
    edit.change = *std::move(parsed);
    return edit;
  }
  if (change.remove().purge()) {
    return invalid("an item is purged by a call of its own, since that cannot be taken back");
  }
  if (change.remove().has_expected_version()) {
    edit.expected_version = change.remove().expected_version();
  }
  return edit;
}

}  // namespace

void SecretsService::apply(Unary<v1::ApplyRequest, v1::ApplyReply>& call) {
  const auto count = static_cast<std::size_t>(call.request().changes_size());
  if (count == 0 || count > Vault::kMaxEditsAtOnce) {
    return call.fail(
        invalid("1 to 1,000 changes are made at once, these are " + std::to_string(count)));
  }
  auto edits = std::make_shared<std::vector<Vault::ItemEdit>>();
  std::vector<ItemName> items;
  for (v1::ItemChange& change : *call.request().mutable_changes()) {
    absl::StatusOr<Vault::ItemEdit> edit = edit_from(change);
    if (!edit.ok()) return call.fail(edit.status());
    items.push_back(edit->where);
    edits->push_back(*std::move(edit));
  }
  authorized(core_, call, items, may_ask(call.request()), [this, &call, edits] {
    const auto stored = core_.session.with_vault(
        Use::kActive, [&](Vault& vault) -> absl::StatusOr<std::vector<std::uint64_t>> {
          for (const Vault::ItemEdit& edit : *edits) {
            if (!edit.change) continue;
            absl::Status may = refuse_token(core_.tokens, vault, edit.where);
            if (!may.ok()) return may;
          }
          return vault.apply(std::move(*edits));
        });
    if (stored.ok()) call.reply().mutable_versions()->Add(stored->begin(), stored->end());
    call.finish(stored.status());
  });
}

}  // namespace tacit
