// List, Search, ListCollections and GetBatch: many items, none of them in one great message.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/harness/daemon_test.h"

namespace tacit::test {
namespace {

using Stub = pb::Secrets::Stub;

class Streams : public DaemonTest {
 protected:
  void SetUp() override { start_unlocked(); }

  void store(const std::string& collection, const std::string& name,
             const std::map<std::string, std::string>& attributes = {},
             const std::string& value = "v") {
    pb::SetRequest request;
    request.mutable_item()->set_collection(collection);
    request.mutable_item()->set_name(name);
    request.set_value(value);
    for (const auto& [key, text] : attributes) {
      auto& attribute = *request.mutable_attributes()->add_attributes();
      attribute.set_key(key);
      attribute.set_value(text);
    }
    ASSERT_TRUE(succeeded(client_->call(client_->secrets(), &Stub::Set, request)));
  }
  template <class Request>
  std::vector<pb::Metadata> items(std::unique_ptr<grpc::ClientReader<pb::ListReply>> (
                                      Stub::*method)(grpc::ClientContext*, const Request&),
                                  const Request& request) {
    std::vector<pb::ListReply> replies;
    EXPECT_TRUE(succeeded(client_->read_all(client_->secrets(), method, request, replies)));
    std::vector<pb::Metadata> all;
    for (const auto& reply : replies) {
      EXPECT_LE(reply.ByteSizeLong(), std::size_t{1} << 20);
      all.insert(all.end(), reply.items().begin(), reply.items().end());
    }
    return all;
  }
};

TEST_F(Streams, AnEmptyVaultListsNothing) {
  EXPECT_TRUE(items(&Stub::List, pb::ListRequest{}).empty());
  std::vector<pb::ListCollectionsReply> replies;
  ASSERT_TRUE(succeeded(client_->read_all(client_->secrets(), &Stub::ListCollections,
                                          pb::ListCollectionsRequest{}, replies)));
  for (const auto& reply : replies) EXPECT_EQ(reply.collections_size(), 0);
}

TEST_F(Streams, ListTellsMetadataButNotDeletedItems) {
  store("", "b", {{"k", "v"}}, "12345");
  store("", "a");
  store("work", "c");
  store("", "gone");
  ASSERT_TRUE(succeeded(client_->remove("gone")));

  const auto everything = items(&Stub::List, pb::ListRequest{});
  ASSERT_EQ(everything.size(), 3u);
  EXPECT_EQ(everything[0].item().name(), "a") << "a small list is one message, sorted";
  EXPECT_EQ(everything[1].item().name(), "b");
  EXPECT_EQ(everything[2].item().collection(), "work");
  EXPECT_EQ(everything[1].attributes_size(), 1);
  EXPECT_EQ(everything[1].value_size(), 5u);
  EXPECT_EQ(everything[1].version(), 1u);

  pb::ListRequest request;
  request.set_collection("");
  EXPECT_EQ(items(&Stub::List, request).size(), 2u) << "empty means the default collection";
  request.set_collection("work");
  request.set_names_only(true);
  const auto names = items(&Stub::List, request);
  ASSERT_EQ(names.size(), 1u);
  EXPECT_EQ(names[0].item().name(), "c");
  EXPECT_EQ(names[0].version(), 0u);
  request.set_collection("nowhere");
  EXPECT_TRUE(items(&Stub::List, request).empty());
}

TEST_F(Streams, SearchWantsEveryAttribute) {
  store("", "both", {{"user", "me"}, {"host", "db"}});
  store("", "one", {{"user", "me"}});
  store("work", "elsewhere", {{"user", "me"}, {"host", "db"}});
  store("", "other", {{"user", "you"}, {"host", "db"}});
  pb::SearchRequest request;
  auto& user = *request.add_attributes();
  user.set_key("user");
  user.set_value("me");
  EXPECT_EQ(items(&Stub::Search, request).size(), 3u);
  auto& host = *request.add_attributes();
  host.set_key("host");
  host.set_value("db");
  EXPECT_EQ(items(&Stub::Search, request).size(), 2u);
  request.set_collection("work");
  const auto found = items(&Stub::Search, request);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].item().name(), "elsewhere");

  std::vector<pb::ListReply> replies;
  EXPECT_TRUE(failed_with(
      client_->read_all(client_->secrets(), &Stub::Search, pb::SearchRequest{}, replies),
      "INVALID_ARGUMENT"));
}

TEST_F(Streams, SearchFollowsChangesOfAttributes) {
  store("", "name", {{"user", "me"}});
  store("", "name", {{"user", "you"}});
  pb::SearchRequest request;
  auto& user = *request.add_attributes();
  user.set_key("user");
  user.set_value("me");
  EXPECT_TRUE(items(&Stub::Search, request).empty());
  user.set_value("you");
  EXPECT_EQ(items(&Stub::Search, request).size(), 1u);
  ASSERT_TRUE(succeeded(client_->remove("name")));
  EXPECT_TRUE(items(&Stub::Search, request).empty());
}

TEST_F(Streams, CollectionsTellTheirItems) {
  store("one", "a");
  store("one", "b");
  store("two", "a");
  std::vector<pb::ListCollectionsReply> replies;
  ASSERT_TRUE(succeeded(client_->read_all(client_->secrets(), &Stub::ListCollections,
                                          pb::ListCollectionsRequest{}, replies)));
  std::map<std::string, std::uint64_t> counts;
  for (const auto& reply : replies) {
    for (const auto& collection : reply.collections()) {
      counts[collection.name()] = collection.item_count();
    }
  }
  EXPECT_EQ(counts, (std::map<std::string, std::uint64_t>{{"one", 2}, {"two", 1}}));
}

TEST_F(Streams, BatchAnswersInOrderAndAFailureEndsNothing) {
  for (int i = 0; i < 100; ++i) store("", "item" + std::to_string(i), {}, std::to_string(i));
  pb::SetRequest expired;
  expired.mutable_item()->set_name("expired");
  expired.set_value("old");
  expired.set_expires_unix_ms(1);
  ASSERT_TRUE(succeeded(client_->call(client_->secrets(), &Stub::Set, expired)));

  pb::GetBatchRequest request;
  for (int i = 0; i < 1000; ++i) {
    auto& item = *request.add_items()->mutable_item();
    if (i % 10 == 7) {
      item.set_name("absent");
    } else if (i % 10 == 8) {
      item.set_name("expired");
    } else if (i % 10 == 9) {
      item.set_name("");
    } else {
      item.set_name("item" + std::to_string(i % 100));
    }
  }
  std::vector<pb::GetBatchReply> replies;
  ASSERT_TRUE(succeeded(client_->read_all(client_->secrets(), &Stub::GetBatch, request, replies)));
  ASSERT_EQ(replies.size(), 1000u);
  for (int i = 0; i < 1000; ++i) {
    const auto& reply = replies[static_cast<std::size_t>(i)];
    ASSERT_EQ(reply.index(), static_cast<std::uint32_t>(i));
    const auto expected = i % 10 == 7   ? pb::REASON_NOT_FOUND
                          : i % 10 == 8 ? pb::REASON_EXPIRED
                          : i % 10 == 9 ? pb::REASON_INVALID_ARGUMENT
                                        : pb::REASON_UNSPECIFIED;
    EXPECT_EQ(reply.reason(), expected) << i;
    EXPECT_EQ(reply.has_item(), expected == pb::REASON_UNSPECIFIED) << i;
    if (reply.has_item()) {
      EXPECT_EQ(reply.item().value(), std::to_string(i % 100));
      EXPECT_EQ(reply.status_code(), 0u);
    } else {
      EXPECT_NE(reply.status_code(), 0u);
      EXPECT_FALSE(reply.message().empty());
    }
  }
}

TEST_F(Streams, BatchOfTheLargestValuesStaysUnderTheMessageLimit) {
  const std::string large = random_bytes(768 * 1024);
  store("", "large", {}, large);
  pb::GetBatchRequest request;
  for (int i = 0; i < 30; ++i) request.add_items()->mutable_item()->set_name("large");
  std::vector<pb::GetBatchReply> replies;
  ASSERT_TRUE(succeeded(client_->read_all(client_->secrets(), &Stub::GetBatch, request, replies)));
  ASSERT_EQ(replies.size(), 30u);
  for (const auto& reply : replies) EXPECT_TRUE(reply.item().value() == large);
}

TEST_F(Streams, BatchTakesOneToAThousand) {
  std::vector<pb::GetBatchReply> replies;
  pb::GetBatchRequest request;
  EXPECT_TRUE(failed_with(client_->read_all(client_->secrets(), &Stub::GetBatch, request, replies),
                          "INVALID_ARGUMENT"));
  for (int i = 0; i < 1001; ++i) request.add_items()->mutable_item()->set_name("n");
  EXPECT_TRUE(failed_with(client_->read_all(client_->secrets(), &Stub::GetBatch, request, replies),
                          "INVALID_ARGUMENT"));
}

TEST_F(Streams, FiveThousandItemsAreEachListedOnce) {
  constexpr int kItems = 5000;
  constexpr int kWriters = 4;
  const std::string tail(900, 'n');
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      const auto own = connect();
      for (int i = writer; i < kItems; i += kWriters) {
        pb::SetRequest request;
        request.mutable_item()->set_name(std::to_string(i) + tail);
        request.set_value("v");
        auto& attribute = *request.mutable_attributes()->add_attributes();
        attribute.set_key("all");
        attribute.set_value("yes");
        ASSERT_TRUE(succeeded(own->call(own->secrets(), &Stub::Set, request)));
      }
    });
  }
  for (auto& writer : writers) writer.join();

  std::set<std::string> expected;
  for (int i = 0; i < kItems; ++i) expected.insert(std::to_string(i) + tail);
  const auto names_of = [](const std::vector<pb::Metadata>& list) {
    std::set<std::string> names;
    for (const auto& item : list) names.insert(item.item().name());
    return names;
  };
  const auto listed = items(&Stub::List, pb::ListRequest{});
  EXPECT_EQ(listed.size(), static_cast<std::size_t>(kItems));
  EXPECT_TRUE(names_of(listed) == expected);
  pb::ListRequest names_only;
  names_only.set_names_only(true);
  EXPECT_TRUE(names_of(items(&Stub::List, names_only)) == expected);
  pb::SearchRequest search;
  auto& attribute = *search.add_attributes();
  attribute.set_key("all");
  attribute.set_value("yes");
  const auto found = items(&Stub::Search, search);
  EXPECT_EQ(found.size(), static_cast<std::size_t>(kItems));
  EXPECT_TRUE(names_of(found) == expected);

  // A reader that stops in the middle leaves the daemon free for others.
  const auto ctx = context();
  const auto reader = client_->secrets().List(ctx.get(), {});
  pb::ListReply first;
  ASSERT_TRUE(reader->Read(&first));
  const auto other = connect();
  EXPECT_TRUE(succeeded(other->set("beside", "a stalled list")));
  ctx->TryCancel();
}

}  // namespace
}  // namespace tacit::test
