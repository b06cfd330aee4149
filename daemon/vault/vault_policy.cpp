// Policy records: what access control keeps, bound to ids, each row verified when it is read.
#include <set>
#include <utility>

#include "daemon/base/status.h"
#include "daemon/crypto/padding.h"
#include "daemon/vault/change.h"
#include "daemon/vault/sealed.h"
#include "daemon/vault/vault_core.h"
#include "tacit/reference.h"  // check_name

namespace tacit {
namespace {

constexpr std::size_t kMaxPolicyRecordBytes = 4096;

std::array<unsigned char, kRowAadBytes> policy_aad(const VaultId& vault_id, const PolicyRow& row) {
  return row_aad(
      vault_id,
      {.part = RowPart::kPolicy, .term = row.term, .subject = row.subject, .number = row.version});
}

/// Whether the row is there, by what RAM knows; then it is there as it was written.
absl::StatusOr<bool> read_policy(const Vault::Core& core, const PolicyRow& key, PolicyRow& row,
                                 StatementUse& use) {
  if (!core.should_exist(key)) return false;
  use->bind(1, key.subject).bind(2, static_cast<std::int64_t>(key.version));
  const absl::StatusOr<bool> found = use->step();
  if (!found.ok()) return found.status();
  if (!*found) return damaged("a policy of the vault is missing");
  const std::optional<PolicyRow> read = Store::policy_row(core.store.sql.find_policy);
  if (!read || read->subject != key.subject || read->version != key.version) {
    return damaged("a policy of the vault is malformed");
  }
  row = *read;
  return true;
}

absl::Status check_record(const Vault::PolicyChange& change) {
  if (change.version <= INT64_MAX &&
      (!change.record || change.record->size() <= kMaxPolicyRecordBytes)) {
    return absl::OkStatus();
  }
  return make_error(Reason::kInvalidArgument, "a policy record has at most 4,096 bytes");
}

}  // namespace

absl::StatusOr<SecretBytes> Vault::Core::open_policy(const PolicyRow& row) const {
  const absl::StatusOr<WideTag> hash = verify(row);
  if (!hash.ok()) return hash.status();
  const KeyBytes* dek = ring.find(row.term);
  if (dek == nullptr) return damaged("a policy is sealed under a key the vault does not have");
  std::optional<SecretBytes> record = open_box(*dek, policy_aad(vault_id, row), row.sealed);
  if (!record || !unpad(*record)) return damaged("a policy of the vault was changed");
  return *std::move(record);
}

absl::Status Change::put_policy(const Vault::PolicyChange& change) {
  if (absl::Status status = check_record(change); !status.ok()) return status;
  PolicyRow row;
  row.subject = change.subject;
  row.version = change.version;
  std::optional<WideTag> old_hash;
  {
    StatementUse use(core_.store.sql.find_policy);
    PolicyRow old;
    const absl::StatusOr<bool> found = read_policy(core_, row, old, use);
    if (!found.ok()) return found.status();
    if (*found) {
      const absl::StatusOr<WideTag> hash = core_.verify(old);
      if (!hash.ok()) return hash.status();
      old_hash = *hash;
    }
  }
  if (!change.record) {
    if (row.version == 0) unguarded_.push_back(row.subject);
    return old_hash ? erase(row, *old_hash) : absl::OkStatus();
  }
  const KeyRing::Entry& dek = core_.ring.newest();
  row.term = dek.term;
  const SecretBytes plain = pad_to(change.record->bytes(), padded_small(change.record->size()));
  const std::vector<unsigned char> sealed =
      seal_box(dek.key, policy_aad(core_.vault_id, row), plain.bytes());
  row.sealed = sealed;
  return old_hash ? update(row, *old_hash) : insert(row);
}

absl::Status Change::put_policies(std::span<const Vault::PolicyChange> changes) {
  // What is found of a row is as of before the transaction.
  std::set<std::pair<Vault::SubjectId, std::uint64_t>> seen;
  for (const Vault::PolicyChange& change : changes) {
    if (seen.emplace(change.subject, change.version).second) continue;
    return make_error(Reason::kInvalidArgument, "a policy record is changed twice at once");
  }
  for (const Vault::PolicyChange& change : changes) {
    if (absl::Status status = put_policy(change); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Vault::ItemIds>> Vault::find(const ItemName& where) {
  const absl::StatusOr<std::optional<KnownName>> name = core_->find_name(where);
  if (!name.ok()) return name.status();
  if (!*name) return std::optional<ItemIds>();
  return std::optional<ItemIds>(
      {(*name)->row.item, (*name)->row.collection, static_cast<bool>((*name)->row.live)});
}

std::optional<CollectionId> Vault::collection_id(std::string_view name) const {
  const auto found = core_->collections.find(name);
  if (found == core_->collections.end()) return std::nullopt;
  return found->second.id;
}

absl::StatusOr<std::optional<SecretBytes>> Vault::policy_record(const SubjectId& subject,
                                                                std::uint64_t version) {
  PolicyRow key;
  key.subject = subject;
  key.version = version;
  StatementUse use(core_->store.sql.find_policy);
  PolicyRow row;
  const absl::StatusOr<bool> found = read_policy(*core_, key, row, use);
  if (!found.ok()) return found.status();
  if (!*found) return std::optional<SecretBytes>();
  absl::StatusOr<SecretBytes> record = core_->open_policy(row);
  if (!record.ok()) return record.status();
  return std::optional<SecretBytes>(*std::move(record));
}

absl::StatusOr<std::vector<Vault::PolicyChange>> Vault::policy_records() {
  std::vector<PolicyChange> out;
  StatementUse use(core_->store.sql.policies_after);
  use->bind(1, Bytes()).bind(2, std::int64_t{-1}).bind(3, std::int64_t{-1});
  for (;;) {
    const absl::StatusOr<bool> found = use->step();
    if (!found.ok()) return found.status();
    if (!*found) break;
    const std::optional<PolicyRow> row = Store::policy_row(core_->store.sql.policies_after);
    if (!row) return damaged("a policy of the vault is malformed");
    absl::StatusOr<SecretBytes> record = core_->open_policy(*row);
    if (!record.ok()) return record.status();
    out.push_back({row->subject, row->version, *std::move(record)});
  }
  if (out.size() != core_->state.sum(Table::kPolicy).count) {
    return damaged("a policy of the vault is missing");
  }
  return out;
}

absl::Status Vault::set_policy_records(std::span<const PolicyChange> changes) {
  if (absl::Status status = core_->check_writable(); !status.ok()) return status;
  Change write(*core_);
  absl::Status status = write.begin();
  if (status.ok()) status = write.put_policies(changes);
  if (status.ok()) status = write.commit();
  return status;
}

absl::Status Vault::set_policy_record(const SubjectId& subject, std::uint64_t version,
                                      std::optional<SecretBytes> record) {
  const PolicyChange change{subject, version, std::move(record)};
  return set_policy_records({&change, 1});
}

absl::StatusOr<CollectionId> Vault::guard_collection(const std::string& name,
                                                     std::optional<SecretBytes> record) {
  if (absl::Status status = core_->check_writable(); !status.ok()) return status;
  if (const Result<void> checked = check_name(name, "collection"); !checked) {
    return make_error(checked.error().code, checked.error().message);
  }
  Change write(*core_);
  if (absl::Status status = write.begin(); !status.ok()) return status;
  const absl::StatusOr<CollectionId> id = write.collection(name);
  if (!id.ok()) return id.status();
  const bool dropped = !record;
  absl::Status status = write.put_policy({*id, 0, std::move(record)});
  if (status.ok() && dropped) status = write.drop_if_empty(*id);
  if (status.ok()) status = write.commit();
  if (!status.ok()) return status;
  return *id;
}

}  // namespace tacit
