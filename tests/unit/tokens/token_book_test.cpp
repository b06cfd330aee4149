// What is kept of each token's last renewal, over a lock and a crash.
#include "daemon/tokens/token_book.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/vault/scratch.h"

namespace tacit {
namespace {

class TokenBookTest : public Scratch {
 protected:
  void SetUp() override { create(); }
  ItemId item(const std::string& name) {
    ItemChange change;
    change.value = SecretBytes::copy_of(std::string("v"));
    return vault_->set({"default", name}, std::move(change))->id;
  }
  /// As the daemon does at unlock.
  static TokenBook loaded(Vault& vault) {
    TokenBook book;
    const auto records = vault.policy_records();
    for (const Vault::PolicyChange& record : *records) {
      if (record.subject != kTokenSubject) continue;
      EXPECT_TRUE(book.load(record));
    }
    return book;
  }
  TokenBook book_;
};

TEST_F(TokenBookTest, WhatIsWrittenIsThereAfterALock) {
  const ItemId mail = item("mail");
  const ItemId bank = item("bank");
  ASSERT_TRUE(book_.set(*vault_, mail, {}).ok());
  ASSERT_TRUE(book_.set(*vault_, bank, {.in_doubt = 3, .error_time = 5, .error = "503"}).ok());
  ASSERT_TRUE(book_.set(*vault_, mail, {.refused = 2}).ok());
  const TokenBook again = loaded(*vault_);
  EXPECT_EQ(again.items().size(), 2u);
  ASSERT_NE(again.find(mail), nullptr);
  EXPECT_EQ(again.find(mail)->refused, 2u);
  EXPECT_EQ(*again.find(bank), (TokenState{.in_doubt = 3, .error_time = 5, .error = "503"}));
  EXPECT_EQ(again.find(ItemId{9}), nullptr);
}

TEST_F(TokenBookTest, APurgedItemIsForgottenADeletedOneIsNot) {
  const ItemId mail = item("mail");
  const ItemId bank = item("bank");
  ASSERT_TRUE(book_.set(*vault_, mail, {}).ok());
  ASSERT_TRUE(book_.set(*vault_, bank, {}).ok());
  ASSERT_TRUE(vault_->remove({"default", "mail"}, true, {}).ok());
  ASSERT_TRUE(vault_->remove({"default", "bank"}, false, {}).ok());
  ASSERT_TRUE(book_.tidy(*vault_).ok());
  EXPECT_EQ(book_.find(mail), nullptr);
  EXPECT_NE(book_.find(bank), nullptr);
  EXPECT_EQ(loaded(*vault_).items().size(), 1u);
}

TEST_F(TokenBookTest, WhatWasTriedOutIsGoodForAWhile) {
  const ItemId mail = item("mail");
  book_.found_good(mail, 100);
  EXPECT_FALSE(book_.good(mail, 50)) << "no token";
  ASSERT_TRUE(book_.set(*vault_, mail, {}).ok());
  book_.found_good(mail, 100);
  EXPECT_TRUE(book_.good(mail, 99));
  EXPECT_FALSE(book_.good(mail, 100));
}

TEST(TokenRecord, NoOtherBytesAreOne) {
  const TokenRecord record{{1, 2}, {.in_doubt = 1, .refused = 2, .error_time = 3, .error = "why"}};
  const SecretBytes bytes = encode_token_record(record);
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    EXPECT_FALSE(decode_token_record(SecretBytes::copy_of(bytes.bytes().first(cut)))) << cut;
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    SecretBytes changed = bytes.clone();
    changed.writable()[i] ^= 1;
    const auto read = decode_token_record(changed);
    if (read) {
      EXPECT_TRUE(std::ranges::equal(encode_token_record(*read).bytes(), changed.bytes())) << i;
    }
  }
}

}  // namespace
}  // namespace tacit
