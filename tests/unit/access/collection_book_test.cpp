// What is kept of collections and projects: records, the book over a real vault.
#include <gtest/gtest.h>

#include "daemon/access/collection_book.h"
#include "daemon/access/collection_record.h"
#include "daemon/access/grants.h"
#include "tests/unit/vault/scratch.h"

namespace tacit {
namespace {

constexpr char kId[] = "0f8fad5b-d9cb-469f-a165-70867728950e";

SecretBytes bytes(std::string_view text) { return SecretBytes::copy_of(text); }

TEST(CollectionRecord, AnIdIsAUuidInLowerCase) {
  const auto id = project_id_from(kId);
  ASSERT_TRUE(id.ok());
  EXPECT_EQ(project_id_text(*id), kId);
  for (const std::string bad :
       {"", "0F8FAD5B-D9CB-469F-A165-70867728950E", "0f8fad5bd9cb469fa16570867728950e",
        "../../../../../../../../etc/passwd00", "{0f8fad5b-d9cb-469f-a165-70867728950e}",
        "0f8fad5b-d9cb-469f-a165-70867728950", "0f8fad5b-d9cb-469f-a165-70867728950e\n",
        "0f8fad5b-d9cb-469f-a165-70867728950g", "0f8fad5b d9cb-469f-a165-70867728950e"}) {
    const auto refused = project_id_from(bad);
    EXPECT_EQ(reason_of(refused.status()), Reason::kInvalidArgument) << bad;
    EXPECT_NE(refused.status().message().find("UUID"), std::string::npos);
  }
}

TEST(CollectionRecord, AFolderIsCanonical) {
  for (const std::string good : {"/", "/a", "/a b/.c/..d", "/\xff"})
    EXPECT_TRUE(is_canonical(good));
  for (const std::string bad :
       {"", "a", "./a", "/a/", "//a", "/a//b", "/.", "/a/..", "/a/./b", "/../a", "/a/.."}) {
    EXPECT_FALSE(is_canonical(bad)) << bad;
  }
  EXPECT_FALSE(is_canonical(std::string_view("/a\0b", 4)));
  EXPECT_TRUE(is_canonical("/" + std::string(kMaxFolderBytes - 1, 'a')));
  EXPECT_FALSE(is_canonical("/" + std::string(kMaxFolderBytes, 'a')));
}

TEST(CollectionRecord, RecordsComeBackAndNothingElseDoes) {
  const KeptCollection kept{*project_id_from(kId), 1234};
  EXPECT_EQ(decode_kept(encode_kept(kept)), kept);
  EXPECT_EQ(decode_kept(encode_kept({})), KeptCollection{});
  const ProjectFolder folder{"/home/me/p\xff", 5, UINT64_MAX, -7};
  EXPECT_EQ(decode_folder(encode_folder(folder)), folder);
  const SecretBytes whole = encode_kept(kept);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decode_kept(SecretBytes::copy_of(whole.bytes().first(size))));
  }
  EXPECT_FALSE(decode_kept(encode_folder(folder)));
  EXPECT_FALSE(decode_folder(encode_kept(kept)));
  EXPECT_FALSE(decode_kept(bytes(std::string(26, '\4'))));  // an unknown flag
  EXPECT_FALSE(decode_folder(encode_folder({"relative", 0, 0, 0})));
  // Bytes of an id although there is none.
  SecretBytes odd = encode_kept(kept);
  odd.writable()[1] = 0;
  EXPECT_FALSE(decode_kept(odd));
}

class BookTest : public Scratch {
 protected:
  void SetUp() override { create(); }
  void load_again() {
    reopen();
    book_.clear();
    const auto records = vault_->policy_records();
    ASSERT_TRUE(records.ok());
    for (const Vault::PolicyChange& record : *records) ASSERT_TRUE(book_.load(record));
  }
  ProjectFolder folder(const std::string& path, std::uint64_t inode = 0) {
    return {path, inode == 0 ? 0u : 9u, inode, now_};
  }
  std::vector<std::string> paths() {
    std::vector<std::string> out;
    const std::optional<ProjectEntry> project = book_.find(id_);
    for (const ProjectFolder& one : project->folders) out.push_back(one.path);
    return out;
  }
  using Paths = std::vector<std::string>;

  CollectionBook book_;
  const ProjectId id_ = *project_id_from(kId);
};

TEST_F(BookTest, AProjectOutlivesRenames) {
  ASSERT_TRUE(book_.make(*vault_, "kept", now_).ok());
  const auto collection = book_.link(*vault_, id_, "app", folder("/a", 1));
  ASSERT_TRUE(collection.ok());
  ASSERT_TRUE(vault_->rename_collection("app", "renamed", {}).ok());
  load_again();
  ASSERT_TRUE(book_.find(id_).has_value());
  EXPECT_EQ(vault_->collection_name(book_.find(id_)->collection), "renamed");
  EXPECT_EQ(book_.find(id_)->linked, now_);
  EXPECT_EQ(paths(), Paths{"/a"});
  EXPECT_TRUE(book_.kept(*vault_->collection_id("kept")));
  EXPECT_FALSE(book_.of_collection(*vault_->collection_id("kept")).has_value());
  EXPECT_EQ(book_.all().size(), 1u);
  ASSERT_TRUE(vault_->delete_collection("renamed", false, {}).ok());
  book_.forget(*collection);
  EXPECT_FALSE(book_.find(id_).has_value());
  load_again();
  EXPECT_FALSE(book_.find(id_).has_value());
}

TEST_F(BookTest, AMovedFolderTakesThePlaceOfTheOld) {
  ASSERT_TRUE(book_.link(*vault_, id_, "app", folder("/a", 1)).ok());
  auto moved = book_.trust(*vault_, id_, folder("/b", 1));
  ASSERT_TRUE(moved.ok());
  EXPECT_EQ((*moved)->path, "/a");
  EXPECT_EQ(paths(), Paths{"/b"});
  moved = book_.trust(*vault_, id_, folder("/c", 2));  // a copy
  ASSERT_TRUE(moved.ok());
  EXPECT_FALSE(moved->has_value());
  moved = book_.trust(*vault_, id_, folder("/d"));  // nothing is told but the path
  ASSERT_TRUE(moved.ok() && !*moved);
  moved = book_.trust(*vault_, id_, folder("/c", 3));  // made anew at its place
  ASSERT_TRUE(moved.ok() && !*moved);
  EXPECT_EQ(paths(), (Paths{"/b", "/c", "/d"}));
  load_again();
  EXPECT_EQ(paths(), (Paths{"/b", "/c", "/d"}));
  EXPECT_EQ(book_.find(id_)->folders[1].inode, 3u);
  EXPECT_EQ(reason_of(book_.unlink(*vault_, id_, folder("/x"))), Reason::kNotFound);
  for (const char* path : {"/b", "/c", "/d"}) {
    EXPECT_TRUE(book_.unlink(*vault_, id_, folder(path)).ok());
  }
  EXPECT_EQ(paths(), Paths{});
  load_again();
  EXPECT_EQ(paths(), Paths{});
}

TEST_F(BookTest, AProjectHasAtMost64Folders) {
  ASSERT_TRUE(book_.link(*vault_, id_, "app", folder("/0")).ok());
  for (std::size_t i = 1; i < CollectionBook::kMaxFolders; ++i) {
    ASSERT_TRUE(book_.trust(*vault_, id_, folder("/" + std::to_string(i))).ok());
  }
  EXPECT_EQ(reason_of(book_.trust(*vault_, id_, folder("/more")).status()), Reason::kLimit);
  EXPECT_TRUE(book_.trust(*vault_, id_, folder("/1")).ok());
  const ProjectFolder longest = folder("/" + std::string(kMaxFolderBytes - 1, 'x'));
  ASSERT_TRUE(book_.unlink(*vault_, id_, folder("/0")).ok());
  EXPECT_TRUE(book_.trust(*vault_, id_, longest).ok());
  EXPECT_EQ(reason_of(book_.trust(*vault_, ProjectId{}, folder("/0")).status()), Reason::kNotFound);
}

class GrantsMoved : public Scratch {
 protected:
  void SetUp() override {
    create();
    ASSERT_TRUE(set("key", "v", {}, "old").ok());
    shell_.chain.resize(1);
    shell_.chain[0].executable = "/bin/sh";
    shell_.chain[0].file_known = true;
  }
  void grant(const std::string& collection) {
    Grant one;
    one.verbs = verb_bit(Verb::kRead);
    one.collection = collection;
    one.path = "/bin/sh";
    ASSERT_TRUE(grants_.prepare(*vault_, one, std::chrono::hours(1)).ok());
  }
  bool allowed(const std::string& collection) {
    return grants_.allowing({shell_, Verb::kRead, collection, nullptr, false}) != nullptr;
  }
  bool denied(const std::string& collection) {
    return grants_.denial({shell_, Verb::kRead, collection, nullptr, false}) != nullptr;
  }
  void load_again() {
    reopen();
    grants_.clear();
    const auto records = vault_->policy_records();
    for (const Vault::PolicyChange& record : *records) {
      ASSERT_TRUE(grants_.load(record));
    }
  }

  Asker shell_;
  Grants grants_{{[] { return BootTime(1); }, [this] { return now_; }, "boot",
                  std::chrono::minutes(10), std::chrono::hours(12)}};
};

TEST_F(GrantsMoved, TheyGoAlongAndThoseOfTheNewNameEnd) {
  grant("old");
  grants_.allow_session(shell_, Verb::kRead, "new");
  ASSERT_TRUE(grants_.deny_always(*vault_, shell_, "elsewhere").ok());
  ASSERT_TRUE(grants_.deny_always(*vault_, shell_, "new").ok());
  Grants::Moved moved = grants_.plan_move("old", "new");
  ASSERT_TRUE(vault_->rename_collection("old", "new", moved.records).ok());
  grants_.moved(std::move(moved));
  for (int round = 0; round < 2; ++round) {
    EXPECT_TRUE(allowed("new"));
    EXPECT_FALSE(allowed("old"));
    EXPECT_TRUE(denied("new"));
    EXPECT_TRUE(denied("elsewhere"));
    EXPECT_EQ(grants_.all().size(), 3u);  // the answer for the old bearer of the name is gone
    load_again();
  }
}

TEST_F(GrantsMoved, TheyEndWithTheirCollectionButDenialsStay) {
  grant("old");
  ASSERT_TRUE(grants_.deny_always(*vault_, shell_, "old").ok());
  Grants::Moved moved = grants_.plan_move("old", std::nullopt);
  ASSERT_TRUE(vault_->delete_collection("old", true, moved.records).ok());
  grants_.moved(std::move(moved));
  for (int round = 0; round < 2; ++round) {
    EXPECT_FALSE(allowed("old"));
    EXPECT_TRUE(denied("old"));
    load_again();
  }
}

}  // namespace
}  // namespace tacit
