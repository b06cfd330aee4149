// What FORMAT.md and the committed vectors say, and what the code does, are the same.
#include <gmock/gmock.h>

#include "tests/unit/vault/scratch.h"
#include "tests/vectors/golden.h"
#include "tests/vectors/known_answers.h"

namespace tacit {
namespace {

namespace fs = std::filesystem;

TEST(KnownAnswers, AreThoseCommittedAndThoseOfTheSpecification) {
  std::string computed;
  for (const auto& [name, value] : known_answers()) computed += name + ": " + value + "\n";
  std::ifstream committed(TACIT_SOURCE_DIR "/tests/vectors/kat.txt");
  std::stringstream text;
  text << committed.rdbuf();
  EXPECT_EQ(computed, text.str());
  std::ifstream specification(TACIT_SOURCE_DIR "/daemon/vault/FORMAT.md");
  std::stringstream page;
  page << specification.rdbuf();
  EXPECT_NE(page.str().find(computed), std::string::npos) << "FORMAT.md, Examples";
}

class Golden : public Scratch {
 protected:
  void SetUp() override {
    const fs::path source = TACIT_SOURCE_DIR "/tests/vectors/golden-v1";
    fs::create_directories(place_.dir);
    fs::create_directories(base_ + "/state/tacit");
    for (const auto& file : fs::directory_iterator(source / "vault")) {
      write_file(place_.dir + "/" + file.path().filename().string(), read_file(file.path()));
    }
    write_file(place_.anchor_file, read_file(source / "anchor"));
    fs::permissions(place_.dir, fs::perms::owner_all);
    recovery_key_ = read_file(source / "recovery-key.txt");
    ASSERT_EQ(read_file(source / "key-file"), golden_key_file());
  }
  std::string recovery_key_;
};

TEST_F(Golden, OpensWithEachCredentialAndHoldsWhatItHeld) {
  const std::pair<SlotKind, std::string> credentials[] = {
      {SlotKind::kPassphrase, std::string(kGoldenPassphrase)},
      {SlotKind::kRecoveryKey, recovery_key_},
      {SlotKind::kKeyFile, golden_key_file()}};
  for (const auto& [kind, secret] : credentials) {
    close();
    ASSERT_EQ(try_open(), absl::OkStatus());
    auto opened =
        open_slot({kind, SecretBytes::copy_of(secret)}, locked_->slots(), locked_->vault_id());
    ASSERT_TRUE(opened.ok()) << opened.status();
    auto vault = locked_->unlock(std::move(opened->root));
    ASSERT_TRUE(vault.ok()) << vault.status();
    vault_ = *std::move(vault);
    EXPECT_EQ(vault_->read_only(), Reason::kUnspecified) << vault_->read_only_message();
    EXPECT_FALSE(vault_->first_use());
    EXPECT_FALSE(vault_->anchor_due());
    for (const GoldenItem& item : golden_items()) {
      const auto history = vault_->history(item.where);
      ASSERT_TRUE(history.ok()) << item.where.name << history.status();
      ASSERT_EQ(history->size(), item.versions.size());
      for (std::size_t i = 0; i < history->size(); ++i) {
        const ItemMetadata& have = (*history)[i];
        const GoldenVersion& want = item.versions[i];
        EXPECT_EQ(have.version, want.version);
        EXPECT_EQ(have.deleted, want.deleted);
        EXPECT_EQ(have.attributes, want.attributes);
        EXPECT_EQ(have.content_type, want.content_type);
        EXPECT_EQ(have.created, want.created) << item.where.name << want.version;
        EXPECT_EQ(have.modified, want.modified);
        EXPECT_EQ(have.expires, want.expires);
        if (!want.deleted && item.live) {
          EXPECT_EQ(get(item.where.name, want.version, item.where.collection), want.value);
        }
      }
    }
    Vault::VerifyState state;
    while (!state.cursor.done) {
      const auto findings = vault_->verify(state, 7);
      ASSERT_TRUE(findings.ok()) << findings.status();
      for (const Vault::Finding& each : *findings) ADD_FAILURE() << each.message;
    }
    EXPECT_EQ(state.rows_done, state.rows_total);
  }
}

}  // namespace
}  // namespace tacit
