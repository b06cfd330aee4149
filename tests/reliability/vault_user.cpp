#include "tests/reliability/vault_user.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "daemon/base/status.h"

namespace tacit::test {
namespace {

constexpr VaultId kVaultId{7, 7, 7};
constexpr std::string_view kKeyFiles = "kne";  ///< the first, one that replaces it, an extra one

std::string text_of(const SecretBytes& secret) {
  return {secret.bytes().begin(), secret.bytes().end()};
}

std::string text_of(const ItemMetadata& item) {
  std::string out = "version " + std::to_string(item.version) + (item.deleted ? " deleted" : "") +
                    " created " + std::to_string(item.created) + " modified " +
                    std::to_string(item.modified) + " expires " + std::to_string(item.expires) +
                    " type " + item.content_type;
  for (const auto& [key, value] : item.attributes) out += " " + key + "=" + value;
  return out;
}

absl::Status add_item(Vault& vault, const ItemName& where, Contents& out) {
  const std::string name = "item " + where.collection + ":" + where.name;
  const auto ids = vault.find(where);
  if (!ids.ok()) return ids.status();
  if (!*ids) return absl::OkStatus();
  const auto history = vault.history(where);
  if (!history.ok()) return history.status();
  for (const ItemMetadata& version : *history) {
    std::string& entry = out[name + " " + std::to_string(version.version)];
    entry = text_of(version);
    const auto record = vault.policy_record((*ids)->item, version.version);
    if (!record.ok()) return record.status();
    if (*record) entry += " policy " + text_of(**record);
    if (version.deleted || !(*ids)->live) continue;
    const auto item = vault.get(where, version.version);
    if (!item.ok()) return item.status();
    entry += " value " + text_of(item->value);
  }
  const auto record = vault.policy_record((*ids)->item);
  if (!record.ok()) return record.status();
  if (*record) out[name + " policy"] = text_of(**record);
  return absl::OkStatus();
}

absl::Status add_walks(Vault& vault, Contents& out) {
  std::vector<std::string> names;
  for (Vault::Cursor cursor; !cursor.done;) {
    const auto part = vault.list(std::nullopt, false, cursor, 7);
    if (!part.ok()) return part.status();
    for (const auto& item : *part) {
      names.push_back(item.where.collection + ":" + item.where.name + " " + text_of(item));
    }
  }
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) out["listed"] += name + "\n";
  names.clear();
  for (Vault::Cursor cursor; !cursor.done;) {
    const auto part = vault.search({{"kind", "login"}}, std::nullopt, cursor, 7);
    if (!part.ok()) return part.status();
    for (const auto& item : *part) names.push_back(item.where.collection + ":" + item.where.name);
  }
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) out["found"] += name + "\n";
  return absl::OkStatus();
}

absl::Status add_collections(Vault& vault, Contents& out) {
  const auto all = vault.collections();
  if (!all.ok()) return all.status();
  for (const auto& each : *all) {
    std::string& entry = out["collection " + each.name];
    entry = std::to_string(each.item_count) + " items, parent '" + each.parent + "'";
    for (const std::uint64_t version : {std::uint64_t{0}, Vault::kKeptRecord}) {
      const auto record = vault.policy_record(each.id, version);
      if (!record.ok()) return record.status();
      if (*record) entry += " policy " + text_of(**record);
    }
  }
  return absl::OkStatus();
}

absl::Status add_audit(Vault& vault, Contents& out) {
  out["audit"] = std::to_string(vault.first_audit_sequence()) + " to " +
                 std::to_string(vault.next_audit_sequence()) + ":";
  Vault::AuditWalk walk;
  while (!walk.done) {
    const absl::Status status = vault.verify_audit(
        walk, 100,
        [&](const Vault::AuditRecord& record) { out["audit"] += " " + text_of(record.body); });
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

Contents no_vault() { return {{"vault", "none"}}; }

std::string difference(const Contents& want, const Contents& have) {
  std::string out;
  const auto say = [&](const std::string& key, const std::string* a, const std::string* b) {
    if (out.size() > 600) return;
    out += "  " + key + ": " + (a != nullptr ? a->substr(0, 120) : "absent") + " -> " +
           (b != nullptr ? b->substr(0, 120) : "absent") + "\n";
  };
  for (const auto& [key, value] : want) {
    const auto found = have.find(key);
    if (found == have.end()) {
      say(key, &value, nullptr);
    } else if (found->second != value) {
      say(key, &value, &found->second);
    }
  }
  for (const auto& [key, value] : have) {
    if (!want.contains(key)) say(key, nullptr, &value);
  }
  return out;
}

VaultUser::VaultUser(std::string root) : root_(std::move(root)) {}
VaultUser::~VaultUser() { close(); }

VaultPlace VaultUser::place() const {
  return {root_ + "/data/tacit/vault", root_ + "/state/tacit/anchor", root_ + "/run",
          root_ + "/run/tacit.sock"};
}

std::string VaultUser::database() const {
  std::ifstream current(place().dir + "/CURRENT");
  std::string name;
  std::getline(current, name);
  return name.empty() ? "" : place().dir + "/" + name;
}

Credential VaultUser::key_file(char which) {
  return {SlotKind::kKeyFile, SecretBytes::copy_of(std::string(64, which))};
}

absl::StatusOr<Slot> VaultUser::slot_of(char which) const {
  return prepare_slot(key_file(which), vault_->root(), kVaultId, KdfParams{}, now);
}

absl::Status VaultUser::create() {
  const KeyBytes root = KeyBytes::random();
  const auto slot = prepare_slot(key_file(kKeyFiles[0]), root, kVaultId, KdfParams{}, now);
  if (!slot.ok()) return slot.status();
  auto made = LockedVault::create(
      place(), [this] { return now; }, root, kVaultId, {&*slot, 1}, true);
  if (!made.ok()) return made.status();
  locked_ = *std::move(made);
  return unlock();
}

absl::Status VaultUser::open_locked() {
  close();
  auto opened = LockedVault::open(place(), [this] { return now; });
  if (!opened.ok()) return opened.status();
  locked_ = *std::move(opened);
  return absl::OkStatus();
}

absl::Status VaultUser::unlock() {
  absl::Status status;
  for (const char which : kKeyFiles) {
    auto opened = open_slot(key_file(which), locked_->slots(), locked_->vault_id());
    status = opened.status();
    if (!status.ok()) continue;
    auto vault = locked_->unlock(std::move(opened->root));
    if (!vault.ok()) return vault.status();
    vault_ = *std::move(vault);
    return absl::OkStatus();
  }
  return status;
}

absl::Status VaultUser::open() {
  if (absl::Status status = open_locked(); !status.ok()) return status;
  return unlock();
}

absl::Status VaultUser::replace(
    const std::function<absl::StatusOr<Replacement>(const LockedVault::Seat&)>& make,
    KeyBytes root) {
  const LockedVault::Seat seat = locked_->seat();
  absl::StatusOr<Replacement> made = make(seat);
  if (!made.ok()) return made.status();
  if (absl::Status status = made->put_in_place(seat.place); !status.ok()) return status;
  close();
  auto file = LockedVault::open_in(seat);
  if (!file.ok()) return file.status();
  locked_ = *std::move(file);
  auto vault = locked_->unlock(std::move(root));
  if (!vault.ok()) return vault.status();
  vault_ = *std::move(vault);
  return absl::OkStatus();
}

void VaultUser::close() {
  vault_.reset();
  locked_.reset();
}

absl::StatusOr<Contents> VaultUser::contents() {
  Contents out;
  absl::Status status = add_walks(*vault_, out);
  if (status.ok()) status = add_collections(*vault_, out);
  if (status.ok()) status = add_audit(*vault_, out);
  for (const ItemName& where : all_names()) {
    if (status.ok()) status = add_item(*vault_, where, out);
  }
  if (!status.ok()) return status;
  for (const char which : kKeyFiles) {
    const auto opened = open_slot(key_file(which), vault_->slots(), vault_->vault_id());
    if (opened.ok()) out["slots"] += which;
  }
  out["recovery key"] = vault_->recovery_key_unconfirmed() ? "unconfirmed" : "confirmed";
  for (Vault::VerifyState state; !state.cursor.done;) {
    const auto findings = vault_->verify(state, 100);
    if (!findings.ok()) return findings.status();
    for (const auto& each : *findings) return make_error(each.reason, each.message);
  }
  return out;
}

}  // namespace tacit::test
