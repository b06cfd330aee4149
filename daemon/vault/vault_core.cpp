#include "daemon/vault/vault_core.h"

#include <unistd.h>

#include <algorithm>

#include "daemon/base/status.h"
#include "daemon/crypto/padding.h"
#include "daemon/vault/codec.h"
#include "daemon/vault/leftovers.h"
#include "daemon/vault/sealed.h"

namespace tacit {
namespace {

std::array<unsigned char, 32> state_aad(const VaultId& vault_id) {
  std::array<unsigned char, 32> aad{};
  FieldWriter out(aad);
  out.raw(label16("tacit-v1 state"));
  out.raw(vault_id);
  return aad;
}

}  // namespace

absl::Status damaged(std::string_view what) {
  return make_error(Reason::kVaultDamaged,
                    std::string(what) + "; nothing of it was served; restore a backup");
}

LockedVault::Impl::~Impl() {
  const std::string path = store ? store->path() : "";
  store.reset();
  if (read_only_copy.empty()) return;
  remove_database(path);
  rmdir(read_only_copy.c_str());
}

void LockedVault::Impl::remember_files() {
  for (const char* suffix : {"", "-wal"}) {
    const std::string path = store->path() + suffix;
    files.push_back({path, identity_of(path, WrittenOnce::kNo)});
  }
  current = identity_of(place.dir + "/CURRENT", WrittenOnce::kYes);
}

absl::Status LockedVault::Impl::check_files() const {
  const auto moved = [](const std::string& path, std::string_view how) {
    return make_error(
        Reason::kIoError,
        "`" + path + "` was " + std::string(how) +
            " while the vault was open; nothing was written. Put it back; or save what is still "
            "open with `tacit vault backup FILE`, then run `tacit lock` and `tacit doctor`");
  };
  if (files.empty()) return absl::OkStatus();
  for (const KnownFile& file : files) {
    const std::optional<FileIdentity> now = identity_of(file.path, WrittenOnce::kNo);
    if (now != file.identity) return moved(file.path, now ? "replaced" : "removed or moved");
  }
  const std::string path = place.dir + "/CURRENT";
  if (identity_of(path, WrittenOnce::kYes) == current) return absl::OkStatus();
  // A copy that was put back is as good.
  const absl::StatusOr<std::optional<std::string>> name = read_current(place.dir);
  if (!name.ok()) return name.status();
  if (!*name) return moved(path, "removed or moved");
  if (place.dir + "/" + **name == store->path()) return absl::OkStatus();
  return moved(path, "made to name another vault file");
}

std::vector<unsigned char> seal_state(const StateBytes& state, const KeyBytes& state_key,
                                      const VaultId& vault_id) {
  return seal_box(state_key, state_aad(vault_id), state);
}

std::optional<StateBytes> open_state(Bytes sealed, const KeyBytes& state_key,
                                     const VaultId& vault_id) {
  const std::optional<SecretBytes> plain = open_box(state_key, state_aad(vault_id), sealed);
  if (!plain || plain->size() != kStateBytes) return std::nullopt;
  StateBytes out;
  std::copy(plain->bytes().begin(), plain->bytes().end(), out.begin());
  return out;
}

Vault::Core::Core(LockedVault::Impl& locked_vault, KeyBytes root_key)
    : locked(locked_vault),
      store(*locked_vault.store),
      vault_id(locked_vault.header.vault_id),
      root(std::move(root_key)),
      name_key(subkey(root, Subkey::kName)),
      collection_key(subkey(root, Subkey::kCollection)),
      attribute_key(subkey(root, Subkey::kAttribute)),
      state_key(subkey(root, Subkey::kState)),
      set_key(subkey(root, Subkey::kSet)),
      audit_key(subkey(root, Subkey::kAudit)),
      log_key(subkey(root, Subkey::kLog)),
      session_key(KeyBytes::random()) {
  random_bytes(file);
}

std::unique_ptr<Vault> Vault::Core::serve(std::unique_ptr<Core> core) {
  return std::unique_ptr<Vault>(new Vault(std::move(core)));
}

absl::Status Vault::Core::check_writable() const {
  if (!held.expired()) {
    return make_error(Reason::kVaultBusy,
                      "the vault's keys are being replaced; reading works meanwhile, writing again "
                      "when that is done");
  }
  if (read_only == Reason::kUnspecified) return absl::OkStatus();
  return make_error(read_only, read_only_message);
}

absl::Status Vault::Core::check_walk(Cursor& cursor) const {
  if (!cursor.started) cursor.file = file;
  if (cursor.file == file) return absl::OkStatus();
  return make_error(Reason::kVaultBusy,
                    "the vault's keys were replaced while it was walked; try again");
}

Tag Vault::Core::collection_tag(std::string_view name) const {
  return keyed_tag(collection_key, {bytes_of(name)});
}

Tag Vault::Core::name_tag(const CollectionId& collection, std::string_view name) const {
  return keyed_tag(name_key, {collection, bytes_of(name)});
}

Tag Vault::Core::attribute_tag(std::string_view key, std::string_view value) const {
  return keyed_tag(attribute_key, {bytes_of(key), bytes_of(value)});
}

std::string_view Vault::Core::collection_name(const CollectionId& id) const {
  const auto found = collection_names.find(id);
  return found == collection_names.end() ? std::string_view() : std::string_view(found->second);
}

absl::StatusOr<std::optional<KnownName>> Vault::Core::find_name(const ItemName& where) const {
  const auto entry = collections.find(where.collection);
  if (entry == collections.end()) return std::optional<KnownName>();
  return find_name(entry->second.id, name_tag(entry->second.id, where.name));
}

absl::StatusOr<std::optional<KnownName>> Vault::Core::find_name(const CollectionId& collection,
                                                                const Tag& tag) const {
  StatementUse use(store.sql.find_name);
  use->bind(1, collection).bind(2, tag);
  const absl::StatusOr<bool> found = use->step();
  if (!found.ok()) return found.status();
  if (!*found) {
    NameRow key;
    key.collection = collection;
    key.tag = tag;
    if (should_exist(key)) return damaged("a name is missing from the vault");
    return std::optional<KnownName>();
  }
  std::optional<NameRow> row = Store::name_row(store.sql.find_name);
  if (!row || row->collection != collection || row->tag != tag) {
    return damaged("a name of the vault is malformed");
  }
  const absl::StatusOr<WideTag> hash = verify(*row);
  if (!hash.ok()) return hash.status();
  row->sealed = {};
  return std::optional<KnownName>(KnownName{*row, *hash});
}

absl::StatusOr<KnownName> Vault::Core::name_of_item(const ItemId& item, std::string& name) const {
  StatementUse use(store.sql.find_name_of_item);
  use->bind(1, item);
  const absl::StatusOr<bool> found = use->step();
  if (!found.ok()) return found.status();
  if (!*found) return damaged("an item of the vault has lost its name");
  std::optional<NameRow> row = Store::name_row(store.sql.find_name_of_item);
  if (!row || row->item != item) return damaged("a name of the vault is malformed");
  const absl::StatusOr<WideTag> hash = verify(*row);
  if (!hash.ok()) return hash.status();
  absl::StatusOr<std::string> opened = open_name(*row);
  if (!opened.ok()) return opened.status();
  name = *std::move(opened);
  row->sealed = {};
  return KnownName{*row, *hash};
}

absl::StatusOr<std::string> Vault::Core::open_name(const NameRow& row) const {
  const KeyBytes* key = ring.find(row.term);
  if (key == nullptr) return damaged("a name is sealed under a key the vault does not have");
  const auto aad = row_aad(vault_id, {.part = RowPart::kName,
                                      .term = row.term,
                                      .subject = row.item,
                                      .number = row.live ? 1u : 0u,
                                      .collection = row.collection,
                                      .tag = row.tag});
  std::optional<SecretBytes> plain = open_box(*key, aad, row.sealed);
  if (!plain) return damaged("a name of the vault was changed");
  std::optional<std::string> name = decode_name(*std::move(plain));
  if (!name) return damaged("a name of the vault is malformed");
  return *std::move(name);
}

absl::StatusOr<KnownVersion> Vault::Core::open_version(const ItemRow& row) const {
  const absl::StatusOr<WideTag> hash = verify(row);
  if (!hash.ok()) return hash.status();
  const KeyBytes* key = ring.find(row.term);
  if (key == nullptr) return damaged("an item is sealed under a key the vault does not have");
  const auto aad = row_aad(
      vault_id,
      {.part = RowPart::kVersion, .term = row.term, .subject = row.item, .number = row.version});
  std::optional<SecretBytes> plain = open_box(*key, aad, row.sealed);
  if (!plain) return damaged("an item of the vault was changed");
  std::optional<VersionRecord> record = decode_version(*std::move(plain));
  if (!record || record->deleted != row.value_nonce.empty()) {
    return damaged("an item of the vault is malformed");
  }
  KnownVersion out;
  out.item = row.item;
  out.version = row.version;
  out.term = row.term;
  std::copy(row.value_nonce.begin(), row.value_nonce.end(), out.nonce.begin());
  std::copy(row.value_mac.begin(), row.value_mac.end(), out.mac.begin());
  out.hash = *hash;
  out.record = *std::move(record);
  return out;
}

absl::StatusOr<KnownVersion> Vault::Core::newest_version(const ItemId& item) const {
  StatementUse use(store.sql.find_newest_item);
  use->bind(1, item);
  const absl::StatusOr<bool> found = use->step();
  if (!found.ok()) return found.status();
  if (!*found) return damaged("an item of the vault is missing");
  const std::optional<ItemRow> row = Store::item_row(store.sql.find_newest_item);
  if (!row || row->item != item) return damaged("an item of the vault is malformed");
  // Versions follow one another without gaps, so a newest one taken away leaves its successor's
  // or its own key in the map.
  ItemRow next;
  next.item = item;
  next.version = row->version + 1;
  if (should_exist(next)) return damaged("the newest version of an item is missing");
  return open_version(*row);
}

absl::StatusOr<std::optional<KnownVersion>> Vault::Core::find_version(const ItemId& item,
                                                                      std::uint64_t version) const {
  if (version == 0 || version > INT64_MAX) return std::optional<KnownVersion>();
  StatementUse use(store.sql.find_item);
  use->bind(1, item).bind(2, static_cast<std::int64_t>(version));
  const absl::StatusOr<bool> found = use->step();
  if (!found.ok()) return found.status();
  if (!*found) {
    ItemRow key;
    key.item = item;
    key.version = version;
    if (should_exist(key)) return damaged("a version of an item is missing");
    return std::optional<KnownVersion>();
  }
  const std::optional<ItemRow> row = Store::item_row(store.sql.find_item);
  if (!row || row->item != item || row->version != version) {
    return damaged("an item of the vault is malformed");
  }
  absl::StatusOr<KnownVersion> opened = open_version(*row);
  if (!opened.ok()) return opened.status();
  return std::optional<KnownVersion>(*std::move(opened));
}

absl::StatusOr<std::vector<KnownVersion>> Vault::Core::versions(const ItemId& item) const {
  std::vector<KnownVersion> out;
  {
    StatementUse use(store.sql.versions_of_item);
    use->bind(1, item);
    for (;;) {
      const absl::StatusOr<bool> found = use->step();
      if (!found.ok()) return found.status();
      if (!*found) break;
      const std::optional<ItemRow> row = Store::item_row(store.sql.versions_of_item);
      if (!row || row->item != item) return damaged("an item of the vault is malformed");
      if (!out.empty() && row->version + 1 != out.back().version) {
        return damaged("a version of an item is missing");
      }
      absl::StatusOr<KnownVersion> version = open_version(*row);
      if (!version.ok()) return version.status();
      out.push_back(*std::move(version));
    }
  }
  if (out.empty()) return damaged("an item of the vault is missing");
  ItemRow beside;
  beside.item = item;
  beside.version = out.front().version + 1;
  if (should_exist(beside)) return damaged("the newest version of an item is missing");
  beside.version = out.back().version - 1;
  if (should_exist(beside)) return damaged("the oldest version of an item is missing");
  return out;
}

absl::StatusOr<SecretBytes> Vault::Core::open_value(const KnownVersion& version) const {
  StatementUse use(store.sql.find_value);
  use->bind(1, version.item).bind(2, static_cast<std::int64_t>(version.version));
  const absl::StatusOr<bool> found = use->step();
  if (!found.ok()) return found.status();
  if (!*found) return damaged("a value of the vault is missing");
  const Bytes data = use->blob(0);
  const KeyBytes* key = ring.find(version.term);
  if (!use->well_typed() || key == nullptr ||
      data.size() != padded_value(version.record.value_size)) {
    return damaged("a value of the vault is malformed");
  }
  const auto aad = row_aad(vault_id, {.part = RowPart::kValue,
                                      .term = version.term,
                                      .subject = version.item,
                                      .number = version.version});
  SecretBytes value(data.size());
  if (!tacit::open(*key, version.nonce, aad, data, version.mac, value.writable())) {
    return damaged("a value of the vault was changed");
  }
  if (!unpad(value) || value.size() != version.record.value_size) {
    return damaged("a value of the vault is malformed");
  }
  return value;
}

absl::StatusOr<ItemMetadata> Vault::Core::metadata(const KnownName& name, const ItemName& where,
                                                   const KnownVersion& version) const {
  ItemMetadata out;
  out.id = name.row.item;
  out.collection_id = name.row.collection;
  out.where = where;
  out.version = version.version;
  out.attributes = version.record.attributes;
  out.content_type = version.record.content_type;
  out.created = version.record.created;
  out.modified = version.record.modified;
  out.expires = version.record.expires;
  out.policy = version.record.strictest_policy;
  out.value_size = version.record.value_size;
  out.deleted = version.record.deleted;
  return out;
}

absl::StatusOr<Vault::Core::Found> Vault::Core::find_live(const ItemName& where) const {
  absl::StatusOr<std::optional<KnownName>> name = find_name(where);
  if (!name.ok()) return name.status();
  if (!*name)
    return make_error(Reason::kNotFound, "no such item; `tacit list` shows what is there");
  if (!(*name)->row.live) {
    return make_error(Reason::kNotFound,
                      "the item was deleted; `tacit history` shows its versions");
  }
  absl::StatusOr<KnownVersion> version = newest_version((*name)->row.item);
  if (!version.ok()) return version.status();
  if (version->record.deleted) return damaged("an item is deleted and not deleted at once");
  return Found{**name, *std::move(version)};
}

void Vault::Core::tell(const ItemMetadata& item_metadata, bool deleted) const {
  if (observer) observer({item_metadata, deleted});
}

}  // namespace tacit
