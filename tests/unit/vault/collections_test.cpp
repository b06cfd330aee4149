// Collections as things of their own: what a rename, a deletion and a parent leave in the vault.
#include <algorithm>

#include "tests/unit/vault/scratch.h"

namespace tacit {
namespace {

class CollectionsTest : public Scratch {
 protected:
  void SetUp() override { create(); }

  void put(const std::string& collection, const std::string& name, std::string_view value = "v") {
    ASSERT_TRUE(set(name, value, {{"k", "v"}}, collection).ok());
  }
  CollectionId keep(const std::string& name) {
    const Vault::PolicyChange record{
        {}, Vault::kKeptRecord, SecretBytes::copy_of(std::string_view("kept"))};
    return *vault_->put_collection(name, {&record, 1});
  }
  std::string place(const std::string& collection, const std::string& name) {
    const auto found = vault_->inherited({collection, name});
    return found.ok() ? found->collection : std::string(reason_name(reason_of(found.status())));
  }
  Reason inherit(const std::string& name, const std::optional<std::string>& parent) {
    return reason_of(vault_->inherit(name, parent));
  }
  Reason rename(const std::string& from, const std::string& to) {
    return reason_of(vault_->rename_collection(from, to, {}));
  }
  std::vector<std::string> collections() {
    std::vector<std::string> out;
    const auto all = vault_->collections();
    for (const Vault::CollectionInfo& info : *all) {
      out.push_back(info.name + (info.parent.empty() ? "" : "<" + info.parent));
    }
    return out;
  }
  using Names = std::vector<std::string>;
};

TEST_F(CollectionsTest, AKeptCollectionStaysWithoutItems) {
  const CollectionId id = keep("empty");
  put("empty", "one");
  put("other", "one");
  ASSERT_TRUE(vault_->remove({"empty", "one"}, true, {}).ok());
  ASSERT_TRUE(vault_->remove({"other", "one"}, true, {}).ok());
  EXPECT_EQ(collections(), Names{"empty"});
  reopen();
  EXPECT_EQ(collections(), Names{"empty"});
  EXPECT_EQ(vault_->collection_id("empty"), id);
  EXPECT_EQ(vault_->collection_name(id), "empty");
}

TEST_F(CollectionsTest, ARenameTakesItemsRecordsAndHeirsAlong) {
  put("old", "one", "first");
  put("old", "one", "second");
  put("heir", "own");
  ASSERT_EQ(inherit("heir", "old"), Reason::kUnspecified);
  const CollectionId id = *vault_->collection_id("old");
  ASSERT_TRUE(vault_->guard_collection("old", SecretBytes::copy_of("rule")).ok());
  const ItemId item = vault_->describe({"old", "one"})->id;
  ASSERT_EQ(rename("old", "new"), Reason::kUnspecified);
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(vault_->collection_id("new"), id);
    EXPECT_FALSE(vault_->collection_id("old").has_value());
    EXPECT_EQ(get("one", 0, "new"), "second");
    EXPECT_EQ(get("one", 1, "new"), "first");
    EXPECT_EQ(get("one", 0, "old"), "NOT_FOUND");
    EXPECT_EQ(vault_->describe({"new", "one"})->id, item);
    EXPECT_EQ(text_of(**vault_->policy_record(id)), "rule");
    EXPECT_EQ(collections(), (Names{"heir<new", "new"}));
    EXPECT_EQ(found({{"k", "v"}}, 10, "new"), Names{"one"});
    reopen();
  }
  EXPECT_EQ(rename("absent", "x"), Reason::kNotFound);
  EXPECT_EQ(rename("new", "heir"), Reason::kAlreadyExists);
  EXPECT_EQ(rename("new", "new"), Reason::kUnspecified);
  EXPECT_EQ(rename("new", ""), Reason::kInvalidArgument);
  put("old", "another");
  EXPECT_NE(vault_->collection_id("old"), id);
}

TEST_F(CollectionsTest, ADeletionTakesEverythingOfItAndNothingElse) {
  put("gone", "one");
  put("gone", "two");
  put("stays", "one");
  ASSERT_TRUE(vault_->remove({"gone", "two"}, false, {}).ok());
  const CollectionId id = *vault_->collection_id("gone");
  keep("gone");
  ASSERT_TRUE(vault_->guard_collection("gone", SecretBytes::copy_of("rule")).ok());
  const ItemId item = vault_->describe({"gone", "one"})->id;
  ASSERT_TRUE(vault_->set_policy_record(item, 0, SecretBytes::copy_of("rule")).ok());
  EXPECT_EQ(reason_of(vault_->delete_collection("gone", false, {}).status()), Reason::kNotEmpty);
  const auto deleted = vault_->delete_collection("gone", true, {});
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  EXPECT_EQ(*deleted, 1u);
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(collections(), Names{"stays"});
    EXPECT_TRUE(vault_->policy_records()->empty());
    EXPECT_EQ(names(), Names{"stays/one"});
    EXPECT_TRUE(vault_->collection_name(id).empty());
    EXPECT_EQ(reason_of(vault_->place_of(item).status()), Reason::kNotFound);
    reopen();
  }
  EXPECT_EQ(reason_of(vault_->delete_collection("gone", true, {}).status()), Reason::kNotFound);
  // What has the name next is another one.
  put("gone", "one", "new");
  EXPECT_NE(vault_->collection_id("gone"), id);
  EXPECT_EQ(vault_->history({"gone", "one"})->size(), 1u);
}

TEST_F(CollectionsTest, ACollectionWithAnHeirThatWasToldStays) {
  put("parent", "one");
  put("heir", "two");
  ASSERT_EQ(inherit("heir", "parent"), Reason::kUnspecified);
  EXPECT_EQ(reason_of(vault_->delete_collection("parent", true, {}).status()), Reason::kNotEmpty);
  ASSERT_EQ(inherit("heir", std::nullopt), Reason::kUnspecified);
  EXPECT_TRUE(vault_->delete_collection("parent", true, {}).ok());
  // A profile does not hold on to its project.
  put("p", "one");
  put("p/dev", "one");
  EXPECT_TRUE(vault_->delete_collection("p", true, {}).ok());
}

TEST_F(CollectionsTest, AnEmptiedParentGoesWithItsLastHeir) {
  put("parent", "one");
  put("heir", "two");
  ASSERT_EQ(inherit("heir", "parent"), Reason::kUnspecified);
  ASSERT_TRUE(vault_->remove({"parent", "one"}, true, {}).ok());
  EXPECT_EQ(collections(), (Names{"heir<parent", "parent"}));
  ASSERT_EQ(inherit("heir", std::nullopt), Reason::kUnspecified);
  EXPECT_EQ(collections(), Names{"heir"});
  reopen();
  EXPECT_EQ(collections(), Names{"heir"});
}

TEST_F(CollectionsTest, WhatIsAbsentIsFoundInTheNearestAbove) {
  put("top", "deep");
  put("top", "both");
  put("middle", "both");
  put("low", "own");
  ASSERT_EQ(inherit("middle", "top"), Reason::kUnspecified);
  ASSERT_EQ(inherit("low", "middle"), Reason::kUnspecified);
  EXPECT_EQ(vault_->above("low"), (Names{"middle", "top"}));
  EXPECT_EQ(place("low", "own"), "low");
  EXPECT_EQ(place("low", "both"), "middle");
  EXPECT_EQ(place("low", "deep"), "top");
  EXPECT_EQ(place("low", "nowhere"), "low");
  EXPECT_EQ(place("top", "own"), "top");
  // A deletion uncovers what is above.
  put("low", "both");
  EXPECT_EQ(place("low", "both"), "low");
  ASSERT_TRUE(vault_->remove({"low", "both"}, false, {}).ok());
  EXPECT_EQ(place("low", "both"), "middle");
  reopen();
  EXPECT_EQ(place("low", "deep"), "top");
  // Reading and writing by name stays where it is told.
  EXPECT_EQ(get("deep", 0, "low"), "NOT_FOUND");
}

TEST_F(CollectionsTest, AProfileInheritsWithoutBeingTold) {
  put("x", "base");
  EXPECT_EQ(place("x/prod", "base"), "x/prod");  // it is not there
  put("x/prod", "own");
  EXPECT_EQ(place("x/prod", "base"), "x");
  EXPECT_EQ(vault_->collections()->back().parent, "x");
  EXPECT_TRUE(vault_->collections()->back().profile);
  for (const std::string name : {"x/a/b", "/x", "x/"}) {
    put(name, "own");
    EXPECT_EQ(place(name, "base"), name);
  }
  put("y", "base");
  ASSERT_EQ(inherit("x/prod", "y"), Reason::kUnspecified);
  EXPECT_EQ(place("x/prod", "base"), "y");
  ASSERT_EQ(inherit("x/prod", std::nullopt), Reason::kUnspecified);
  EXPECT_EQ(place("x/prod", "base"), "x");
}

TEST_F(CollectionsTest, ProfilesAreNeitherLeftBehindNorTakenOver) {
  put("x", "base");
  put("x/prod", "own");
  put("shop/prod", "alien");
  EXPECT_EQ(rename("x", "z"), Reason::kNotEmpty);
  EXPECT_EQ(place("x/prod", "base"), "x");
  put("lone", "base");
  EXPECT_EQ(rename("lone", "shop"), Reason::kAlreadyExists);
  ASSERT_EQ(rename("x/prod", "kept"), Reason::kUnspecified);
  put("x/a/b", "no profile of it");
  ASSERT_EQ(rename("x", "z"), Reason::kUnspecified);
  ASSERT_EQ(rename("kept", "z/prod"), Reason::kUnspecified);
  EXPECT_EQ(place("z/prod", "base"), "z");
}

TEST_F(CollectionsTest, CirclesAndLongChainsAreRefused) {
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) put(name, "own");
  EXPECT_EQ(inherit("a", "a"), Reason::kInvalidArgument);
  EXPECT_EQ(inherit("a", "b"), Reason::kUnspecified);
  EXPECT_EQ(inherit("b", "a"), Reason::kInvalidArgument);
  EXPECT_EQ(inherit("b", "c"), Reason::kUnspecified);
  EXPECT_EQ(inherit("c", "d"), Reason::kUnspecified);
  EXPECT_EQ(inherit("d", "e"), Reason::kUnspecified);
  EXPECT_EQ(vault_->above("a"), (Names{"b", "c", "d", "e"}));
  EXPECT_EQ(inherit("e", "f"), Reason::kInvalidArgument);
  EXPECT_EQ(inherit("e", "a"), Reason::kInvalidArgument);
  EXPECT_EQ(inherit("a", "absent"), Reason::kNotFound);
  EXPECT_EQ(inherit("absent", "a"), Reason::kNotFound);
  // By a name, too: `f` inherits from what would become its profile.
  EXPECT_EQ(inherit("f", "b"), Reason::kUnspecified);
  EXPECT_EQ(rename("b", "f/p"), Reason::kUnspecified);  // told to inherit from `c`
  EXPECT_EQ(inherit("f/p", std::nullopt), Reason::kInvalidArgument);
  put("g", "own");
  put("h", "own");
  ASSERT_EQ(inherit("g", "h"), Reason::kUnspecified);
  EXPECT_EQ(rename("h", "g/p"), Reason::kInvalidArgument);
  EXPECT_EQ(collections().size(), 8u);
}

TEST_F(CollectionsTest, ClearingKeepsTheHistoryAndTheCollection) {
  put("c", "one", "first");
  put("c", "two");
  put("d", "one");
  const auto cleared = vault_->clear_collection("c");
  ASSERT_TRUE(cleared.ok()) << cleared.status();
  EXPECT_EQ(*cleared, 2u);
  EXPECT_EQ(names(), Names{"d/one"});
  EXPECT_EQ(*vault_->clear_collection("c"), 0u);
  reopen();
  EXPECT_EQ(names(), Names{"d/one"});
  EXPECT_EQ(vault_->history({"c", "one"})->size(), 2u);
  ASSERT_TRUE(vault_->restore({"c", "one"}, 1, {}).ok());
  EXPECT_EQ(get("one", 0, "c"), "first");
  EXPECT_EQ(reason_of(vault_->clear_collection("absent").status()), Reason::kNotFound);
}

TEST_F(CollectionsTest, ARotationSealsParentsAnew) {
  put("parent", "one");
  put("heir", "two");
  ASSERT_EQ(inherit("heir", "parent"), Reason::kUnspecified);
  keep("heir");
  for (auto progress = *vault_->rotate(10); progress.done < progress.total;) {
    progress = *vault_->rotate(10);
  }
  reopen();
  EXPECT_EQ(place("heir", "one"), "parent");
  ASSERT_EQ(rename("parent", "other"), Reason::kUnspecified);
  EXPECT_EQ(place("heir", "one"), "other");
}

}  // namespace
}  // namespace tacit
