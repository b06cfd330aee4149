// Between the contract's messages and the vault's types: where bytes come in, limits are checked.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/vault/item.h"
#include "daemon/vault/slot.h"
#include "tacit/reason.h"
#include "tacit/v1/admin.pb.h"
#include "tacit/v1/common.pb.h"
#include "tacit/v1/secrets.pb.h"
#include "tacit/v1/session.pb.h"

namespace tacit {

absl::Status invalid(const std::string& message);

// Errors of all below: kInvalidArgument, which says what rule was broken and by what.

absl::StatusOr<ItemName> item_name_from(const v1::ItemRef& ref);
/// Absent: every collection.
absl::StatusOr<std::optional<std::string>> collection_from(bool has, const std::string& name);
/// At most kMaxAttributes, no key twice.
absl::StatusOr<Attributes> attributes_from(
    const google::protobuf::RepeatedPtrField<v1::Attribute>& list);
/// Also kValueTooLarge. Takes the value out of the request and wipes it there.
absl::StatusOr<ItemChange> change_from(v1::SetRequest& request);
/// Takes the secret out of the request and wipes it there.
absl::StatusOr<Credential> credential_from(v1::Credential& credential);
absl::StatusOr<Credential> passphrase_from(std::string& passphrase);

/// The user may be asked before the request is answered.
template <class Request>
bool may_ask(const Request& request) {
  return request.interaction() == v1::INTERACTION_ALLOW;
}

void fill(const ItemName& from, v1::ItemRef& to);
void fill(const ItemMetadata& from, bool names_only, v1::Metadata& to);
void fill(const Slot& from, v1::Slot& to);
v1::Reason to_proto(Reason reason);
v1::SlotKind to_proto(SlotKind kind);
/// Takes a secret out of a message's field and wipes it there.
SecretBytes secret_from(std::string& field);
/// The bytes as a message's field. The copy is wiped when it is freed (daemon/os/wipe.h).
std::string field_of(const SecretBytes& secret);

}  // namespace tacit
