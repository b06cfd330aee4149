// A new data key for everything: rows are sealed again in slices, in key order, so that an
// interrupted rotation goes on by skipping what is done.
#include <algorithm>

#include "daemon/base/status.h"
#include "daemon/crypto/padding.h"
#include "daemon/vault/change.h"
#include "daemon/vault/sealed.h"
#include "daemon/vault/vault_core.h"

namespace tacit {
namespace {

enum RotatePhase : std::uint8_t { kCollections = 0, kPolicies = 1, kNames = 2, kItems = 3 };
constexpr std::size_t kMaxBytesASlice = std::size_t{8} << 20;

/// Rows of a slice, with what was sealed in them; nothing is written while a walk is open.
struct Opened {
  RowBinding binding;
  WideTag hash{};
  SecretBytes plain;
};

std::uint64_t number_at(std::span<const unsigned char> bytes) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < 8; ++i) out |= std::uint64_t{bytes[i]} << (8 * i);
  return out;
}

void put_number(std::span<unsigned char> bytes, std::uint64_t number) {
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<unsigned char>(number >> (8 * i));
}

absl::StatusOr<SecretBytes> open_sealed(const Vault::Core& core, const RowBinding& binding,
                                        Bytes sealed) {
  const KeyBytes* key = core.ring.find(binding.term);
  std::optional<SecretBytes> plain;
  if (key != nullptr) plain = open_box(*key, row_aad(core.vault_id, binding), sealed);
  if (!plain) return damaged("a row of the vault was changed");
  return *std::move(plain);
}

std::vector<unsigned char> seal_again(const Vault::Core& core, Opened& row) {
  const KeyRing::Entry& key = core.ring.newest();
  row.binding.term = key.term;
  return seal_box(key.key, row_aad(core.vault_id, row.binding), row.plain.bytes());
}

absl::Status rotate_collections(Vault::Core& core, Change& change) {
  std::vector<Opened> rows;
  {
    StatementUse use(core.store.sql.collections_all);
    for (;;) {
      const absl::StatusOr<bool> found = use->step();
      if (!found.ok()) return found.status();
      if (!*found) break;
      const std::optional<CollectionRow> row =
          Store::collection_row(core.store.sql.collections_all);
      if (!row) return damaged("a collection of the vault is malformed");
      const auto entry = core.collections.find(core.collection_name(row->id));
      const WideTag hash = row_hash(core.set_key, *row);
      if (entry == core.collections.end() || entry->second.hash != hash) {
        return damaged("a collection of the vault was changed");
      }
      if (row->term == core.ring.newest().term) continue;
      const RowBinding binding{
          .part = RowPart::kCollection, .term = row->term, .subject = row->id, .tag = row->tag};
      absl::StatusOr<SecretBytes> plain = open_sealed(core, binding, row->sealed);
      if (!plain.ok()) return plain.status();
      rows.push_back({binding, hash, *std::move(plain)});
    }
  }
  for (Opened& row : rows) {
    const std::vector<unsigned char> sealed = seal_again(core, row);
    const CollectionRow fresh{row.binding.tag, row.binding.subject, row.binding.term, sealed};
    if (absl::Status status = change.update(fresh, row.hash); !status.ok()) return status;
    change.then([&core, id = fresh.id, hash = row_hash(core.set_key, fresh)] {
      core.collections.find(core.collection_name(id))->second.hash = hash;
    });
  }
  return absl::OkStatus();
}

/// `walked` counts rows looked at; fewer than `limit` means the end.
absl::Status rotate_policies(Vault::Core& core, Change& change, std::span<unsigned char> after,
                             std::size_t limit, std::size_t& walked) {
  std::vector<Opened> rows;
  {
    StatementUse use(core.store.sql.policies_after);
    // Bound values are not copied, so never those that the loop below moves on.
    const Bytes from(core.rotation.after);
    const bool first = core.rotation.done == 0;
    use->bind(1, first ? Bytes() : Bytes(from.subspan(8, 16)))
        .bind(2, first ? std::int64_t{-1} : static_cast<std::int64_t>(number_at(from)))
        .bind(3, static_cast<std::int64_t>(limit));
    for (;; ++walked) {
      const absl::StatusOr<bool> found = use->step();
      if (!found.ok()) return found.status();
      if (!*found) break;
      const std::optional<PolicyRow> row = Store::policy_row(core.store.sql.policies_after);
      if (!row) return damaged("a policy of the vault is malformed");
      const absl::StatusOr<WideTag> hash = core.verify(*row);
      if (!hash.ok()) return hash.status();
      put_number(after, row->version);
      std::copy(row->subject.begin(), row->subject.end(), after.begin() + 8);
      if (row->term == core.ring.newest().term) continue;
      const RowBinding binding{.part = RowPart::kPolicy,
                               .term = row->term,
                               .subject = row->subject,
                               .number = row->version};
      absl::StatusOr<SecretBytes> plain = open_sealed(core, binding, row->sealed);
      if (!plain.ok()) return plain.status();
      rows.push_back({binding, *hash, *std::move(plain)});
    }
  }
  for (Opened& row : rows) {
    const std::vector<unsigned char> sealed = seal_again(core, row);
    const PolicyRow fresh{row.binding.subject, row.binding.number, row.binding.term, sealed};
    if (absl::Status status = change.update(fresh, row.hash); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status rotate_names(Vault::Core& core, Change& change, std::span<unsigned char> after,
                          std::size_t limit, std::size_t& walked) {
  std::vector<Opened> rows;
  {
    StatementUse use(core.store.sql.names_after);
    // Bound values are not copied, so never those that the loop below moves on.
    const Bytes from(core.rotation.after);
    const bool first = core.rotation.done == 0;
    use->bind(1, first ? Bytes() : Bytes(from.first(16)))
        .bind(2, first ? Bytes() : Bytes(from.subspan(16)))
        .bind(3, static_cast<std::int64_t>(limit));
    for (;; ++walked) {
      const absl::StatusOr<bool> found = use->step();
      if (!found.ok()) return found.status();
      if (!*found) break;
      const std::optional<NameRow> row = Store::name_row(core.store.sql.names_after);
      if (!row) return damaged("a name of the vault is malformed");
      const absl::StatusOr<WideTag> hash = core.verify(*row);
      if (!hash.ok()) return hash.status();
      std::copy(row->collection.begin(), row->collection.end(), after.begin());
      std::copy(row->tag.begin(), row->tag.end(), after.begin() + 16);
      if (row->term == core.ring.newest().term) continue;
      const RowBinding binding{.part = RowPart::kName,
                               .term = row->term,
                               .subject = row->item,
                               .number = row->live ? 1u : 0u,
                               .collection = row->collection,
                               .tag = row->tag};
      absl::StatusOr<SecretBytes> plain = open_sealed(core, binding, row->sealed);
      if (!plain.ok()) return plain.status();
      rows.push_back({binding, *hash, *std::move(plain)});
    }
  }
  for (Opened& row : rows) {
    const std::vector<unsigned char> sealed = seal_again(core, row);
    const NameRow fresh{row.binding.collection,  row.binding.tag,  row.binding.subject,
                        row.binding.number == 1, row.binding.term, sealed};
    if (absl::Status status = change.update(fresh, row.hash); !status.ok()) return status;
  }
  return absl::OkStatus();
}

/// Ends early when the values of the slice grow large.
absl::Status rotate_items(Vault::Core& core, Change& change, std::span<unsigned char> after,
                          std::size_t limit, std::size_t& walked, bool& ended) {
  std::vector<KnownVersion> rows;
  ended = true;
  {
    StatementUse use(core.store.sql.items_after);
    // Bound values are not copied, so never those that the loop below moves on.
    const Bytes from(core.rotation.after);
    const bool first = core.rotation.done == 0;
    use->bind(1, first ? Bytes() : Bytes(from.subspan(8, 16)))
        .bind(2, first ? std::int64_t{0} : static_cast<std::int64_t>(number_at(from)))
        .bind(3, static_cast<std::int64_t>(limit));
    std::size_t bytes = 0;
    for (;; ++walked) {
      if (walked == limit || bytes > kMaxBytesASlice) {
        ended = false;
        break;
      }
      const absl::StatusOr<bool> found = use->step();
      if (!found.ok()) return found.status();
      if (!*found) break;
      const std::optional<ItemRow> row = Store::item_row(core.store.sql.items_after);
      if (!row) return damaged("an item of the vault is malformed");
      absl::StatusOr<KnownVersion> version = core.open_version(*row);
      if (!version.ok()) return version.status();
      put_number(after, row->version);
      std::copy(row->item.begin(), row->item.end(), after.begin() + 8);
      if (row->term == core.ring.newest().term) continue;
      bytes += version->record.value_size;
      rows.push_back(*std::move(version));
    }
  }
  const KeyRing::Entry& key = core.ring.newest();
  for (const KnownVersion& old : rows) {
    ItemRow fresh;
    fresh.item = old.item;
    fresh.version = old.version;
    fresh.term = key.term;
    RowBinding binding{
        .part = RowPart::kVersion, .term = key.term, .subject = old.item, .number = old.version};
    const SecretBytes plain = encode_version(old.record);
    const std::vector<unsigned char> sealed =
        seal_box(key.key, row_aad(core.vault_id, binding), plain.bytes());
    fresh.sealed = sealed;
    Nonce nonce{};
    Mac mac{};
    if (!old.record.deleted) {
      const absl::StatusOr<SecretBytes> value = core.open_value(old);
      if (!value.ok()) return value.status();
      SecretBytes data = pad_to(value->bytes(), padded_value(value->size()));
      binding.part = RowPart::kValue;
      nonce = random_nonce();
      mac = seal(key.key, nonce, row_aad(core.vault_id, binding), data.bytes(), data.writable());
      fresh.value_nonce = nonce;
      fresh.value_mac = mac;
      if (absl::Status status = core.store.update_value(old.item, old.version, data.bytes());
          !status.ok()) {
        return status;
      }
    }
    if (absl::Status status = change.update(fresh, old.hash); !status.ok()) return status;
  }
  return absl::OkStatus();
}

/// Writes the header with another ring, which the caller takes over after the commit.
absl::Status write_ring(Vault::Core& core, KeyRing ring) {
  Change change(core);
  absl::Status status = change.begin();
  if (status.ok()) status = change.write_header(core.locked.header, ring, core.locked.slots);
  if (status.ok()) status = change.commit();
  if (status.ok()) core.ring = std::move(ring);
  return status;
}

KeyRing copy_of(const KeyRing& ring) {
  KeyRing out;
  for (const KeyRing::Entry& entry : ring.entries) {
    out.entries.push_back({entry.term, entry.key.clone()});
  }
  return out;
}

}  // namespace

absl::StatusOr<Vault::RotateProgress> Vault::rotate(std::size_t limit) {
  Core& core = *core_;
  if (absl::Status status = core.check_writable(); !status.ok()) return status;
  limit = std::clamp<std::size_t>(limit, 1, 1 << 20);
  if (core.ring.entries.size() == 1) {
    if (core.ring.newest().term == UINT32_MAX) {
      return make_error(Reason::kLimit, "no data key is left; run `tacit rotate --full`");
    }
    KeyRing ring = copy_of(core.ring);
    ring.entries.push_back({core.ring.newest().term + 1, KeyBytes::random()});
    if (absl::Status status = write_ring(core, std::move(ring)); !status.ok()) return status;
    core.rotation = {};
  }
  const auto progress = [&] {
    RotateProgress out;
    out.total = core.state.sum(Table::kItem).count;
    out.done = core.rotation.phase == kItems ? std::min(core.rotation.done, out.total) : 0;
    return out;
  };
  Core::Rotation next = core.rotation;
  std::size_t walked = 0;
  bool ended = false;
  Change change(core);
  absl::Status status = change.begin();
  if (!status.ok()) return status;
  switch (core.rotation.phase) {
    case kCollections:
      status = rotate_collections(core, change);
      ended = true;
      break;
    case kPolicies:
      status = rotate_policies(core, change, next.after, limit, walked);
      ended = walked < limit;
      break;
    case kNames:
      status = rotate_names(core, change, next.after, limit, walked);
      ended = walked < limit;
      break;
    default:
      status = rotate_items(core, change, next.after, limit, walked, ended);
      break;
  }
  if (status.ok()) status = change.commit();
  if (!status.ok()) return status;
  next.done += walked;
  const bool finished = ended && next.phase == kItems;
  if (ended && !finished) next = {static_cast<std::uint8_t>(next.phase + 1), {}, 0};
  core.rotation = next;
  RotateProgress out = progress();
  if (!finished) {
    // Rows that came in meanwhile count as done already, but the walk has not ended.
    out.total = std::max(out.total, out.done + 1);
    return out;
  }
  KeyRing ring;
  ring.entries.push_back({core.ring.newest().term, core.ring.newest().key.clone()});
  if (status = write_ring(core, std::move(ring)); !status.ok()) return status;
  core.rotation = {};
  out.done = out.total;
  return out;
}

}  // namespace tacit
