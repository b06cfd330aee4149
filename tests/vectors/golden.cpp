#include "tests/vectors/golden.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "daemon/vault/vault.h"

namespace tacit {
namespace {

struct Step {
  ItemName where;
  std::optional<std::string> value;  ///< nothing: deleted
  Attributes attributes;
  std::string content_type;
  UnixMillis expires = 0;
};

std::string all_bytes() {
  std::string out;
  for (int i = 0; i < 256; ++i) out += static_cast<char>(i);
  return out;
}

/// One millisecond lies between two steps.
std::vector<Step> steps() {
  return {
      {{"default", "plain"}, "s3cret", {}, "", 0},
      {{"default", "empty"}, "", {}, "", 0},
      {{"default", "every byte"}, all_bytes(), {}, "application/octet-stream", 0},
      {{"default", "4 KiB"}, std::string(4096, 'x'), {}, "", 0},
      {{"w\xc3\xb6rk/\xe6\x97\xa5\xe6\x9c\xac", "mail \xf0\x9f\x94\x91"},
       "first",
       {{"user", "ann"}, {"url", "https://example.org/\xc3\xa4"}},
       "text/plain",
       0},
      {{"w\xc3\xb6rk/\xe6\x97\xa5\xe6\x9c\xac", "mail \xf0\x9f\x94\x91"},
       "second\nline",
       {{"user", "bob"}, {"empty", ""}},
       "text/plain",
       1'900'000'000'000},
      {{"default", "long name " + std::string(200, 'n')}, "v", {}, "", 1},
      {{"default", "deleted"}, "was here", {{"kind", "gone"}}, "", 0},
      {{"default", "deleted"}, std::nullopt, {}, "", 0},
      {{"default", "again"}, "one", {}, "", 0},
      {{"default", "again"}, std::nullopt, {}, "", 0},
      {{"default", "again"}, "three", {{"kind", "back"}}, "", 0},
      {{"default", "many"}, "v1", {}, "", 0},
      {{"default", "many"}, "v2", {}, "", 0},
      {{"default", "many"}, "v3", {}, "", 0},
      {{"default", "many"}, "v4", {}, "", 0},
      {{"default", "many"}, "v5", {}, "", 0},
      {{"default", "many"}, "v6", {}, "", 0},
      {{"default", "many"}, "v7", {}, "", 0},
      {{"default", "many"}, "v8", {}, "", 0},
      {{"default", "many"}, "v9", {}, "", 0},
      {{"default", "many"}, "v10", {}, "", 0},
      {{"default", "many"}, "v11", {}, "", 0},
      {{"default", "many"}, "v12", {}, "", 0},
  };
}

std::string hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

/// The texts here need nothing escaped but the quotation mark and the backslash.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string expected_json(const std::string& recovery_key) {
  std::ostringstream out;
  out << "{\n  \"passphrase\": " << quoted(kGoldenPassphrase)
      << ",\n  \"recovery_key\": " << quoted(recovery_key) << ",\n  \"key_file_hex\": \""
      << hex(golden_key_file()) << "\",\n  \"items\": [";
  const char* item_comma = "\n";
  for (const GoldenItem& item : golden_items()) {
    out << item_comma << "    {\"collection\": " << quoted(item.where.collection)
        << ", \"name\": " << quoted(item.where.name)
        << ", \"live\": " << (item.live ? "true" : "false") << ", \"versions\": [";
    item_comma = ",\n";
    const char* comma = "\n";
    for (const GoldenVersion& version : item.versions) {
      out << comma << "      {\"version\": " << version.version
          << ", \"deleted\": " << (version.deleted ? "true" : "false") << ", \"value_hex\": \""
          << hex(version.value) << "\", \"content_type\": " << quoted(version.content_type)
          << ", \"created\": " << version.created << ", \"modified\": " << version.modified
          << ", \"expires\": " << version.expires << ", \"attributes\": {";
      comma = ",\n";
      const char* attribute_comma = "";
      for (const auto& [key, value] : version.attributes) {
        out << attribute_comma << quoted(key) << ": " << quoted(value);
        attribute_comma = ", ";
      }
      out << "}}";
    }
    out << "]}";
  }
  out << "\n  ]\n}\n";
  return out.str();
}

absl::Status play(Vault& vault, UnixMillis& now) {
  for (const Step& step : steps()) {
    ++now;
    if (!step.value) {
      if (absl::Status status = vault.remove(step.where, false, {}); !status.ok()) return status;
      continue;
    }
    ItemChange change;
    change.value = SecretBytes::copy_of(*step.value);
    change.attributes = step.attributes;
    change.content_type = step.content_type;
    change.expires = step.expires;
    if (auto stored = vault.set(step.where, std::move(change)); !stored.ok()) {
      return stored.status();
    }
  }
  return vault.write_anchor();
}

}  // namespace

std::string golden_key_file() {
  std::string out;
  for (int i = 0; i < 64; ++i) out += static_cast<char>(i);
  return out;
}

std::vector<GoldenItem> golden_items() {
  std::vector<GoldenItem> items;
  UnixMillis now = kGoldenStart;
  for (const Step& step : steps()) {
    ++now;
    auto item = std::find_if(items.begin(), items.end(), [&](const GoldenItem& other) {
      return other.where.collection == step.where.collection && other.where.name == step.where.name;
    });
    if (item == items.end()) item = items.insert(items.end(), {step.where, true, {}});
    GoldenVersion version;
    const bool was_live = !item->versions.empty() && item->live;
    version.version = item->versions.empty() ? 1 : item->versions.front().version + 1;
    version.deleted = !step.value;
    version.value = step.value.value_or("");
    version.attributes = step.attributes;
    version.content_type = step.content_type;
    version.created = was_live ? item->versions.front().created : now;
    version.modified = now;
    version.expires = step.expires;
    item->live = step.value.has_value();
    item->versions.insert(item->versions.begin(), std::move(version));
    if (item->versions.size() > kHistoryVersions) item->versions.pop_back();
  }
  std::sort(items.begin(), items.end(), [](const GoldenItem& a, const GoldenItem& b) {
    return std::tie(a.where.collection, a.where.name) < std::tie(b.where.collection, b.where.name);
  });
  return items;
}

absl::Status make_golden(const std::string& folder) {
  UnixMillis now = kGoldenStart;
  const Clock clock = [&now] { return now; };
  const VaultPlace place{folder + "/vault", folder + "/anchor", folder + "/run", "none"};
  const KeyBytes root = KeyBytes::random();
  VaultId vault_id;
  random_bytes(vault_id);
  KdfParams floor;
  floor.memory_bytes = kMinKdfMemory;
  floor.passes = kMinNewKdfPasses;
  const SecretBytes recovery_key = generate_recovery_key();
  const std::string recovery_text(recovery_key.bytes().begin(), recovery_key.bytes().end());
  std::vector<Slot> slots;
  std::vector<Credential> credentials;
  credentials.push_back({SlotKind::kPassphrase, SecretBytes::copy_of(kGoldenPassphrase)});
  credentials.push_back({SlotKind::kRecoveryKey, recovery_key.clone()});
  credentials.push_back({SlotKind::kKeyFile, SecretBytes::copy_of(golden_key_file())});
  for (const Credential& credential : credentials) {
    absl::StatusOr<Slot> slot = prepare_slot(credential, root, vault_id, floor, now);
    if (!slot.ok()) return slot.status();
    slots.push_back(*slot);
  }
  {
    auto locked = LockedVault::create(place, clock, root, vault_id, slots, false);
    if (!locked.ok()) return locked.status();
    auto vault = (*locked)->unlock(root.clone());
    if (!vault.ok()) return vault.status();
    if (absl::Status status = play(**vault, now); !status.ok()) return status;
  }
  std::ofstream(folder + "/recovery-key.txt") << recovery_text << "\n";
  std::ofstream(folder + "/key-file", std::ios::binary) << golden_key_file();
  std::ofstream(folder + "/expected.json") << expected_json(recovery_text);
  std::filesystem::remove(folder + "/vault/vault.lock");
  return absl::OkStatus();
}

}  // namespace tacit
