// A vault in a folder of its own, for tests: real SQLite, real libsodium, a clock that is set.
#pragma once
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "daemon/base/status.h"
#include "daemon/vault/vault.h"

namespace tacit {

inline std::string text_of(const SecretBytes& secret) {
  return {secret.bytes().begin(), secret.bytes().end()};
}

class Scratch : public ::testing::Test {
 protected:
  Scratch() {
    std::string pattern = ::testing::TempDir() + "tacit-vault-XXXXXX";
    base_ = mkdtemp(pattern.data());
    place_ = {base_ + "/data/tacit/vault", base_ + "/state/tacit/anchor", base_ + "/run",
              base_ + "/run/tacit.sock"};
    vault_id_ = {7, 7, 7};
  }
  ~Scratch() override {
    vault_.reset();
    locked_.reset();
    std::filesystem::remove_all(base_);
  }

  Clock clock() {
    return [this] { return now_; };
  }
  static Credential key_file() {
    return {SlotKind::kKeyFile, SecretBytes::copy_of(std::string(64, 'k'))};
  }
  /// A quick slot: no Argon2id.
  Slot quick_slot(const KeyBytes& root) {
    return *prepare_slot(key_file(), root, vault_id_, KdfParams{}, now_);
  }
  absl::Status try_create() {
    root_ = KeyBytes::random();
    const Slot slot = quick_slot(root_);
    auto made = LockedVault::create(place_, clock(), root_, vault_id_, {&slot, 1}, true);
    if (!made.ok()) return made.status();
    locked_ = *std::move(made);
    return absl::OkStatus();
  }
  absl::Status try_open() {
    auto opened = LockedVault::open(place_, clock());
    if (!opened.ok()) return opened.status();
    locked_ = *std::move(opened);
    return absl::OkStatus();
  }
  absl::Status try_unlock() {
    auto opened = open_slot(key_file(), locked_->slots(), locked_->vault_id());
    if (!opened.ok()) return opened.status();
    auto vault = locked_->unlock(std::move(opened->root));
    if (!vault.ok()) return vault.status();
    vault_ = *std::move(vault);
    return absl::OkStatus();
  }
  absl::Status try_reopen() {
    close();
    if (absl::Status status = try_open(); !status.ok()) return status;
    return try_unlock();
  }
  void create() {
    const absl::Status made = try_create();
    ASSERT_TRUE(made.ok()) << made;
    const absl::Status unlocked = try_unlock();
    ASSERT_TRUE(unlocked.ok()) << unlocked;
  }
  void reopen() {
    const absl::Status opened = try_reopen();
    ASSERT_TRUE(opened.ok()) << opened;
  }
  void close() {
    vault_.reset();
    locked_.reset();
  }

  absl::StatusOr<ItemMetadata> set(const std::string& name, std::string_view value,
                                   Attributes attributes = {},
                                   const std::string& collection = "default") {
    ItemChange change;
    change.value = SecretBytes::copy_of(value);
    change.attributes = std::move(attributes);
    return vault_->set({collection, name}, std::move(change));
  }
  /// The value, or the name of the reason why not.
  std::string get(const std::string& name, std::uint64_t version = 0,
                  const std::string& collection = "default") {
    auto item = vault_->get({collection, name}, version);
    if (!item.ok()) return std::string(reason_name(reason_of(item.status())));
    return text_of(item->value);
  }
  std::vector<std::string> names(std::size_t slice = 1000,
                                 std::optional<std::string> collection = std::nullopt) {
    std::vector<std::string> out;
    Vault::Cursor cursor;
    while (!cursor.done) {
      auto part = vault_->list(collection, true, cursor, slice);
      if (!part.ok()) return {std::string(reason_name(reason_of(part.status())))};
      for (const ItemMetadata& item : *part)
        out.push_back(item.where.collection + "/" + item.where.name);
    }
    std::sort(out.begin(), out.end());
    return out;
  }
  std::vector<std::string> found(const Attributes& attributes, std::size_t slice = 1000,
                                 std::optional<std::string> collection = std::nullopt) {
    std::vector<std::string> out;
    Vault::Cursor cursor;
    while (!cursor.done) {
      auto part = vault_->search(attributes, collection, cursor, slice);
      if (!part.ok()) return {std::string(reason_name(reason_of(part.status())))};
      for (const ItemMetadata& item : *part) out.push_back(item.where.name);
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  absl::Status make_backup(const std::string& path) {
    auto backup = vault_->start_backup(path);
    if (!backup.ok()) return backup.status();
    for (;;) {
      const absl::StatusOr<bool> whole = (*backup)->step(100);
      if (!whole.ok() || *whole) return whole.status();
    }
  }

  /// The database file CURRENT names.
  std::string database() const {
    std::ifstream current(place_.dir + "/CURRENT");
    std::string name;
    std::getline(current, name);
    return place_.dir + "/" + name;
  }
  /// Changes the closed file as another program would.
  static void sql(const std::string& path, const std::string& statements) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
    char* message = nullptr;
    const int code = sqlite3_exec(db, statements.c_str(), nullptr, nullptr, &message);
    EXPECT_EQ(code, SQLITE_OK) << statements << ": " << (message != nullptr ? message : "");
    sqlite3_free(message);
    sqlite3_wal_checkpoint_v2(db, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    sqlite3_close(db);
  }
  static std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void write_file(const std::string& path, const std::string& content) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << content;
    out.close();
    std::filesystem::permissions(
        path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  Reason reopen_reason() { return reason_of(try_reopen()); }

  std::string base_;
  VaultPlace place_;
  VaultId vault_id_{};
  UnixMillis now_ = 1'700'000'000'000;
  KeyBytes root_;
  std::unique_ptr<LockedVault> locked_;
  std::unique_ptr<Vault> vault_;
};

}  // namespace tacit
