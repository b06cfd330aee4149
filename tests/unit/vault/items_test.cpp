#include <gmock/gmock.h>

#include "tacit/reference.h"
#include "tests/unit/vault/scratch.h"

namespace tacit {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Items : public Scratch {
 protected:
  void SetUp() override { create(); }
};

TEST_F(Items, WhatWasSetIsThereAfterReopening) {
  ItemChange change;
  change.value = SecretBytes::copy_of("s3cret");
  change.attributes = Attributes{{"user", "ann"}, {"url", "https://example.org/ä"}};
  change.content_type = "text/plain";
  change.expires = now_ + 1000;
  const auto stored = vault_->set({"work", "mail/ünï"}, std::move(change));
  ASSERT_TRUE(stored.ok()) << stored.status();
  EXPECT_EQ(stored->version, 1u);
  for (int round = 0; round < 2; ++round) {
    const auto item = vault_->get({"work", "mail/ünï"});
    ASSERT_TRUE(item.ok()) << item.status();
    EXPECT_EQ(text_of(item->value), "s3cret");
    const ItemMetadata& metadata = item->metadata;
    EXPECT_EQ(metadata.id, stored->id);
    EXPECT_EQ(metadata.where.collection, "work");
    EXPECT_EQ(metadata.where.name, "mail/ünï");
    EXPECT_EQ(metadata.attributes, stored->attributes);
    EXPECT_EQ(metadata.attributes.at("user"), "ann");
    EXPECT_EQ(metadata.content_type, "text/plain");
    EXPECT_EQ(metadata.created, now_);
    EXPECT_EQ(metadata.modified, now_);
    EXPECT_EQ(metadata.expires, now_ + 1000);
    EXPECT_EQ(metadata.value_size, 6u);
    EXPECT_FALSE(metadata.deleted);
    reopen();
  }
  EXPECT_EQ(get("mail/ünï"), "NOT_FOUND");
  EXPECT_EQ(get("other", 0, "work"), "NOT_FOUND");
}

TEST_F(Items, EveryByteEveryBoundarySize) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  std::vector<std::size_t> sizes = {0,    1,    15,   16,   255,         256,
                                    4095, 4096, 4097, 8192, 768 * 1024u, 768 * 1024u - 1};
  for (const std::size_t size : sizes) {
    std::string value;
    while (value.size() < size) value += bytes;
    value.resize(size);
    ASSERT_TRUE(set("size-" + std::to_string(size), value).ok()) << size;
  }
  reopen();
  for (const std::size_t size : sizes) {
    std::string value;
    while (value.size() < size) value += bytes;
    value.resize(size);
    EXPECT_TRUE(get("size-" + std::to_string(size)) == value) << size;
  }
  EXPECT_EQ(reason_of(set("too-large", std::string(kMaxValueBytes + 1, 'x')).status()),
            Reason::kValueTooLarge);
}

TEST_F(Items, BadNamesAreRefusedEverywhere) {
  const std::vector<std::string> bad = {"",        std::string(1025, 'n'), "\xff\xfe",
                                        "caf\xc3", std::string("a\0b", 3), "\xed\xa0\x80"};
  for (const std::string& name : bad) {
    for (const ItemName& where : {ItemName{"default", name}, ItemName{name, "name"}}) {
      ItemChange change;
      change.value = SecretBytes::copy_of("v");
      EXPECT_EQ(reason_of(vault_->set(where, std::move(change)).status()),
                Reason::kInvalidArgument);
      EXPECT_EQ(reason_of(vault_->get(where).status()), Reason::kInvalidArgument);
      EXPECT_EQ(reason_of(vault_->describe(where).status()), Reason::kInvalidArgument);
      EXPECT_EQ(reason_of(vault_->remove(where, false, {})), Reason::kInvalidArgument);
      EXPECT_EQ(reason_of(vault_->history(where).status()), Reason::kInvalidArgument);
      EXPECT_EQ(reason_of(vault_->restore(where, 1, {}).status()), Reason::kInvalidArgument);
      EXPECT_EQ(reason_of(vault_->rename(where, {"a", "b"}, false, {})), Reason::kInvalidArgument);
      EXPECT_EQ(reason_of(vault_->rename({"a", "b"}, where, false, {})), Reason::kInvalidArgument);
    }
  }
  EXPECT_TRUE(set(std::string(1024, 'n'), "v").ok());
  EXPECT_TRUE(set("line\nbreak", "v").ok());
  EXPECT_EQ(get(std::string(1024, 'n')), "v");
}

TEST_F(Items, BadMetadataIsRefused) {
  const auto reason = [&](Attributes attributes) {
    return reason_of(set("x", "v", std::move(attributes)).status());
  };
  Attributes many;
  for (int i = 0; i < 65; ++i) many[std::to_string(i)] = "v";
  EXPECT_EQ(reason(many), Reason::kInvalidArgument);
  many.erase("0");
  EXPECT_TRUE(set("many", "v", many).ok());
  EXPECT_EQ(reason({{"", "v"}}), Reason::kInvalidArgument);
  EXPECT_EQ(reason({{std::string(257, 'k'), "v"}}), Reason::kInvalidArgument);
  EXPECT_EQ(reason({{"k", std::string(1025, 'v')}}), Reason::kInvalidArgument);
  EXPECT_EQ(reason({{"k", "\xff"}}), Reason::kInvalidArgument);
  EXPECT_TRUE(set("x", "v", {{std::string(256, 'k'), std::string(1024, 'v')}, {"e", ""}}).ok());
  reopen();
  EXPECT_EQ(vault_->describe({"default", "x"})->attributes.at("e"), "");
  EXPECT_EQ(vault_->describe({"default", "many"})->attributes.size(), 64u);
}

TEST_F(Items, HistoryKeepsTenAndNeverRestarts) {
  for (int i = 1; i <= 13; ++i) {
    now_ += 1000;
    ASSERT_EQ(set("x", "v" + std::to_string(i))->version, static_cast<std::uint64_t>(i));
  }
  const auto history = vault_->history({"default", "x"});
  ASSERT_TRUE(history.ok());
  ASSERT_EQ(history->size(), 10u);
  EXPECT_EQ(history->front().version, 13u);
  EXPECT_EQ(history->back().version, 4u);
  EXPECT_EQ(get("x", 4), "v4");
  EXPECT_EQ(get("x", 3), "NOT_FOUND");
  EXPECT_EQ(get("x", 14), "NOT_FOUND");
  EXPECT_EQ(get("x", UINT64_MAX), "NOT_FOUND");
  ASSERT_TRUE(vault_->remove({"default", "x"}, false, {}).ok());
  EXPECT_EQ(get("x"), "NOT_FOUND");
  EXPECT_EQ(vault_->history({"default", "x"})->front().deleted, true);
  EXPECT_EQ(reason_of(vault_->remove({"default", "x"}, false, {})), Reason::kNotFound);
  EXPECT_THAT(names(), IsEmpty());
  reopen();
  EXPECT_EQ(set("x", "again")->version, 15u);
  EXPECT_EQ(get("x", 13), "v13");
  EXPECT_EQ(get("x", 14), "NOT_FOUND") << "that version is a deletion";
  reopen();
  EXPECT_EQ(get("x"), "again");
}

TEST_F(Items, PurgeForgetsTheItemAndItsEmptyCollection) {
  ASSERT_TRUE(set("x", "v1", {{"a", "b"}}, "gone").ok());
  ASSERT_TRUE(set("x", "v2", {{"a", "b"}}, "gone").ok());
  ASSERT_TRUE(vault_->remove({"gone", "x"}, false, {}).ok());
  ASSERT_EQ(vault_->collections()->size(), 1u);
  ASSERT_TRUE(vault_->remove({"gone", "x"}, true, {}).ok());
  EXPECT_EQ(reason_of(vault_->history({"gone", "x"}).status()), Reason::kNotFound);
  EXPECT_THAT(*vault_->collections(), IsEmpty());
  reopen();
  EXPECT_EQ(reason_of(vault_->remove({"gone", "x"}, true, {})), Reason::kNotFound);
  EXPECT_EQ(set("x", "v", {}, "gone")->version, 1u);
}

TEST_F(Items, ExpectedVersions) {
  const auto set_expecting = [&](std::uint64_t expected) {
    ItemChange change;
    change.value = SecretBytes::copy_of("v");
    change.expected_version = expected;
    return reason_of(vault_->set({"default", "x"}, std::move(change)).status());
  };
  EXPECT_EQ(set_expecting(1), Reason::kVersionMismatch);
  EXPECT_EQ(set_expecting(0), Reason::kUnspecified);
  EXPECT_EQ(set_expecting(0), Reason::kAlreadyExists);
  EXPECT_EQ(set_expecting(1), Reason::kUnspecified);
  EXPECT_EQ(set_expecting(1), Reason::kVersionMismatch);
  EXPECT_EQ(reason_of(vault_->remove({"default", "x"}, false, 1)), Reason::kVersionMismatch);
  EXPECT_EQ(reason_of(vault_->rename({"default", "x"}, {"default", "y"}, false, 1)),
            Reason::kVersionMismatch);
  EXPECT_EQ(reason_of(vault_->restore({"default", "x"}, 1, 1).status()), Reason::kVersionMismatch);
  EXPECT_TRUE(vault_->remove({"default", "x"}, false, 2).ok());
  EXPECT_EQ(set_expecting(0), Reason::kUnspecified) << "a deleted item does not exist";
}

TEST_F(Items, WithoutAValueOnlyMetadataChanges) {
  ItemChange nothing;
  nothing.attributes = Attributes{};
  EXPECT_EQ(reason_of(vault_->set({"default", "x"}, std::move(nothing)).status()),
            Reason::kNotFound);
  ItemChange first;
  first.value = SecretBytes::copy_of("keep");
  first.expires = now_ + 5;
  first.content_type = "a/b";
  ASSERT_TRUE(vault_->set({"default", "x"}, std::move(first)).ok());
  ItemChange attributes;
  attributes.attributes = Attributes{{"k", "v"}};
  ASSERT_TRUE(vault_->set({"default", "x"}, std::move(attributes)).ok());
  auto item = vault_->get({"default", "x"});
  EXPECT_EQ(text_of(item->value), "keep");
  EXPECT_EQ(item->metadata.version, 2u);
  EXPECT_EQ(item->metadata.expires, now_ + 5);
  EXPECT_EQ(item->metadata.content_type, "a/b");
  ItemChange value;
  value.value = SecretBytes::copy_of("new");
  ASSERT_TRUE(vault_->set({"default", "x"}, std::move(value)).ok());
  item = vault_->get({"default", "x"});
  EXPECT_EQ(item->metadata.expires, 0) << "a new value never expires unless told";
  EXPECT_EQ(item->metadata.attributes.at("k"), "v");
}

TEST_F(Items, RestoreMakesANewVersionAndRevivesADeletedItem) {
  ASSERT_TRUE(set("x", "old", {{"a", "1"}}).ok());
  ASSERT_TRUE(set("x", "new", {{"a", "2"}}).ok());
  EXPECT_EQ(vault_->restore({"default", "x"}, 1, 2)->version, 3u);
  EXPECT_EQ(get("x"), "old");
  EXPECT_THAT(found({{"a", "1"}}), ElementsAre("x"));
  EXPECT_THAT(found({{"a", "2"}}), IsEmpty());
  ASSERT_TRUE(vault_->remove({"default", "x"}, false, {}).ok());
  EXPECT_THAT(found({{"a", "1"}}), IsEmpty());
  EXPECT_EQ(vault_->restore({"default", "x"}, 2, {})->version, 5u);
  EXPECT_EQ(reason_of(vault_->restore({"default", "x"}, 4, {}).status()), Reason::kNotFound);
  reopen();
  EXPECT_EQ(get("x"), "new");
  EXPECT_THAT(found({{"a", "2"}}), ElementsAre("x"));
}

TEST_F(Items, RenameKeepsIdVersionAndHistory) {
  ASSERT_TRUE(set("a", "v1").ok());
  const ItemMetadata before = *set("a", "v2", {{"k", "v"}});
  ASSERT_TRUE(set("taken", "t").ok());
  EXPECT_EQ(reason_of(vault_->rename({"default", "a"}, {"default", "taken"}, false, {})),
            Reason::kAlreadyExists);
  EXPECT_EQ(reason_of(vault_->rename({"default", "no"}, {"default", "b"}, false, {})),
            Reason::kNotFound);
  ASSERT_TRUE(vault_->rename({"default", "a"}, {"other", "b"}, false, 2).ok());
  EXPECT_EQ(get("a"), "NOT_FOUND");
  reopen();
  const auto after = vault_->describe({"other", "b"});
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(after->id, before.id);
  EXPECT_EQ(after->version, 2u);
  EXPECT_NE(after->collection_id, before.collection_id);
  EXPECT_EQ(get("b", 1, "other"), "v1");
  EXPECT_THAT(found({{"k", "v"}}), ElementsAre("b"));
  ASSERT_TRUE(vault_->rename({"other", "b"}, {"default", "taken"}, true, {}).ok());
  EXPECT_EQ(get("taken"), "v2");
  EXPECT_EQ(vault_->collections()->size(), 1u) << "the emptied collection goes";
  // Replacing the only item of a collection keeps that collection.
  ASSERT_TRUE(set("only", "o", {}, "solo").ok());
  ASSERT_TRUE(vault_->rename({"default", "taken"}, {"solo", "only"}, true, {}).ok());
  reopen();
  EXPECT_EQ(get("only", 0, "solo"), "v2");
  EXPECT_EQ(vault_->collections()->size(), 1u);
  EXPECT_TRUE(vault_->rename({"solo", "only"}, {"solo", "only"}, false, {}).ok());
}

TEST_F(Items, ListAndSearchInSlicesOfEverySize) {
  for (int i = 0; i < 25; ++i) {
    ASSERT_TRUE(set("n" + std::to_string(i), "v",
                    {{"kind", i % 2 != 0 ? "odd" : "even"}, {"all", "yes"}},
                    i % 5 == 0 ? "fives" : "rest")
                    .ok());
  }
  ASSERT_TRUE(vault_->remove({"rest", "n1"}, false, {}).ok());
  const std::vector<std::string> all = names();
  EXPECT_EQ(all.size(), 24u);
  for (const std::size_t slice : {1, 2, 7, 24, 25, 26}) {
    EXPECT_EQ(names(slice), all) << slice;
    EXPECT_EQ(names(slice, "fives").size(), 5u);
    EXPECT_EQ(found({{"all", "yes"}}, slice).size(), 24u);
    EXPECT_EQ(found({{"all", "yes"}, {"kind", "odd"}}, slice).size(), 11u);
    EXPECT_EQ(found({{"kind", "even"}}, slice, "fives").size(), 3u);
  }
  EXPECT_THAT(names(10, "none"), IsEmpty());
  EXPECT_THAT(found({{"kind", "none"}}), IsEmpty());
  EXPECT_THAT(found({{"kin", "dodd"}}), IsEmpty());
  Vault::Cursor cursor;
  EXPECT_EQ(reason_of(vault_->search({}, {}, cursor, 1).status()), Reason::kInvalidArgument);
  const auto collections = vault_->collections();
  ASSERT_EQ(collections->size(), 2u);
  EXPECT_EQ((*collections)[0].name, "fives");
  EXPECT_EQ((*collections)[0].item_count, 5u);
  EXPECT_EQ((*collections)[1].item_count, 19u);
  reopen();
  EXPECT_EQ(names(), all);
  EXPECT_EQ((*vault_->collections())[1].item_count, 19u);
  EXPECT_TRUE(vault_->list("fives", false, *std::make_unique<Vault::Cursor>(), 1)
                  ->front()
                  .attributes.contains("kind"));
}

TEST_F(Items, AWalkSeesEachItemThatStaysOnce) {
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(set("n" + std::to_string(i), "v").ok());
  Vault::Cursor cursor;
  std::multiset<std::string> seen;
  int step = 0;
  while (!cursor.done) {
    const auto part = vault_->list("default", true, cursor, 4);
    ASSERT_TRUE(part.ok()) << part.status();
    for (const ItemMetadata& item : *part) seen.insert(item.where.name);
    ASSERT_TRUE(set("new" + std::to_string(step), "v").ok());
    ASSERT_TRUE(vault_->remove({"default", "n" + std::to_string(step)}, true, {}).ok());
    ++step;
  }
  for (int i = step; i < 30; ++i) EXPECT_EQ(seen.count("n" + std::to_string(i)), 1u) << i;
}

TEST_F(Items, TheObserverIsToldAfterTheCommit) {
  std::vector<std::string> events;
  vault_->set_observer([&](const ItemEvent& event) {
    events.push_back((event.deleted ? "-" : "+") + event.metadata.where.name + "@" +
                     std::to_string(event.metadata.version));
  });
  ASSERT_TRUE(set("a", "1").ok());
  ASSERT_TRUE(set("a", "2").ok());
  ASSERT_TRUE(vault_->rename({"default", "a"}, {"default", "b"}, false, {}).ok());
  ASSERT_TRUE(vault_->remove({"default", "b"}, false, {}).ok());
  ASSERT_TRUE(vault_->restore({"default", "b"}, 1, {}).ok());
  EXPECT_FALSE(set("", "x").ok());
  EXPECT_THAT(events, ElementsAre("+a@1", "+a@2", "-a@2", "+b@2", "-b@2", "+b@4"));
}

TEST_F(Items, NothingOnDiskTellsANameOrAValue) {
  ASSERT_TRUE(
      set("find-this-name", "find-this-value", {{"find-key", "find-attribute"}}, "find-collection")
          .ok());
  for (int round = 0; round < 2; ++round) {
    for (const auto& file : std::filesystem::recursive_directory_iterator(base_)) {
      if (!file.is_regular_file()) continue;
      EXPECT_EQ(read_file(file.path()).find("find-"), std::string::npos) << file.path();
    }
    close();
  }
}

TEST_F(Items, AReadThatFailsLeavesTheWayFreeForAWrite) {
  const auto writes = [&] { EXPECT_TRUE(set("other", "v").ok()); };
  ASSERT_TRUE(set("x", "v", {{"k", "v"}}).ok());
  EXPECT_EQ(get("nothing"), "NOT_FOUND");
  writes();
  EXPECT_EQ(get("x", 7), "NOT_FOUND");
  writes();
  EXPECT_FALSE(vault_->describe({"default", "nothing"}).ok());
  writes();
  EXPECT_FALSE(vault_->history({"default", "nothing"}).ok());
  writes();
  Vault::Cursor foreign;
  foreign.started = true;
  foreign.phase = 9;
  EXPECT_FALSE(vault_->search({{"k", "v"}}, std::nullopt, foreign, 10).ok());
  writes();
  // Cut in the middle of a walk.
  Vault::Cursor cursor;
  EXPECT_TRUE(vault_->list(std::nullopt, false, cursor, 1).ok());
  writes();
  EXPECT_EQ(get("x"), "v");
}

Vault::ItemEdit storing(const std::string& name, std::string_view value,
                        std::optional<std::uint64_t> expected = {},
                        const std::string& collection = "default") {
  Vault::ItemEdit edit{{collection, name}, ItemChange(), {}};
  edit.change->value = SecretBytes::copy_of(value);
  edit.change->expected_version = expected;
  return edit;
}

Vault::ItemEdit removing(const std::string& name, std::optional<std::uint64_t> expected = {}) {
  return {{"default", name}, {}, expected};
}

template <class... Edits>
std::vector<Vault::ItemEdit> edits(Edits... all) {
  std::vector<Vault::ItemEdit> out;
  (out.push_back(std::move(all)), ...);
  return out;
}

TEST_F(Items, SeveralChangesAreOneTransaction) {
  ASSERT_TRUE(set("a", "1", {{"k", "v"}}).ok());
  ASSERT_TRUE(set("b", "1", {{"k", "v"}}).ok());
  ASSERT_TRUE(set("gone", "1").ok());
  ASSERT_TRUE(vault_->remove({"default", "gone"}, false, std::nullopt).ok());
  std::vector<std::string> told;
  vault_->set_observer([&](const ItemEvent& event) {
    told.push_back(event.metadata.where.name + (event.deleted ? "-" : "+"));
  });
  // Two of them make the same new collection, one brings a deleted item back.
  const auto done =
      vault_->apply(edits(storing("a", "2", 1), removing("b", 1), storing("x", "new", 0, "fresh"),
                          storing("y", "new", 0, "fresh"), storing("gone", "2", 0)));
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_THAT(*done, ElementsAre(2u, 0u, 1u, 1u, 3u));
  EXPECT_THAT(told, ElementsAre("a+", "b-", "x+", "y+", "gone+"));
  for (int round = 0; round < 2; ++round) {
    EXPECT_THAT(names(), ElementsAre("default/a", "default/gone", "fresh/x", "fresh/y"));
    EXPECT_EQ(get("a"), "2");
    EXPECT_EQ(get("a", 1), "1");
    EXPECT_THAT(found({{"k", "v"}}), ElementsAre("a"));
    EXPECT_EQ(vault_->collections()->size(), 2u);
    reopen();
  }
  // The history of one that is changed so keeps its length, too.
  for (int i = 0; i < 12; ++i) ASSERT_TRUE(vault_->apply(edits(storing("a", "n"))).ok());
  EXPECT_EQ(vault_->history({"default", "a"})->size(), kHistoryVersions);
  reopen();
}

TEST_F(Items, OneChangeThatCannotBeMadeLeavesAllUndone) {
  ASSERT_TRUE(set("a", "1").ok());
  ASSERT_TRUE(set("b", "1").ok());
  int told = 0;
  vault_->set_observer([&](const ItemEvent&) { ++told; });
  const auto refused = [&](std::vector<Vault::ItemEdit> changes) {
    return reason_of(vault_->apply(std::move(changes)).status());
  };
  EXPECT_EQ(refused(edits(storing("a", "2", 1), storing("b", "2", 7))), Reason::kVersionMismatch);
  EXPECT_EQ(refused(edits(storing("a", "2", 1), removing("b", 7))), Reason::kVersionMismatch);
  EXPECT_EQ(refused(edits(storing("a", "2", 1), storing("b", "2", 0))), Reason::kAlreadyExists);
  EXPECT_EQ(refused(edits(removing("a"), removing("absent"))), Reason::kNotFound);
  EXPECT_EQ(refused(edits(storing("new", "1", 0, "fresh"), storing("", "2"))),
            Reason::kInvalidArgument);
  EXPECT_EQ(refused(edits(storing("a", "2"), storing("a", "3"))), Reason::kInvalidArgument);
  EXPECT_EQ(refused({}), Reason::kInvalidArgument);
  EXPECT_EQ(told, 0);
  EXPECT_THAT(names(), ElementsAre("default/a", "default/b"));
  EXPECT_EQ(get("a"), "1");
  reopen();
  EXPECT_EQ(get("a"), "1");
  EXPECT_EQ(vault_->describe({"default", "a"})->version, 1u);
}

}  // namespace
}  // namespace tacit
