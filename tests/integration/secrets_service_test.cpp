// Secrets: one item stored, read, changed, deleted, renamed and restored.
#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "tests/integration/harness/daemon_test.h"

namespace tacit::test {
namespace {

using Stub = pb::Secrets::Stub;

pb::ItemRef item(const std::string& name, const std::string& collection = "") {
  pb::ItemRef ref;
  ref.set_name(name);
  ref.set_collection(collection);
  return ref;
}

std::int64_t now_ms() {
  return std::chrono::system_clock::now().time_since_epoch() / std::chrono::milliseconds(1);
}

class SecretsService : public DaemonTest {
 protected:
  void SetUp() override { start_unlocked(); }

  Outcome set(const pb::SetRequest& request) {
    return client_->call(client_->secrets(), &Stub::Set, request, stored_);
  }
  Outcome get(const std::string& name, std::uint64_t version = 0) {
    pb::GetRequest request;
    *request.mutable_item() = item(name);
    request.set_version(version);
    return client_->call(client_->secrets(), &Stub::Get, request, got_);
  }
  Outcome describe(const std::string& name, std::uint64_t version = 0) {
    pb::DescribeRequest request;
    *request.mutable_item() = item(name);
    request.set_version(version);
    return client_->call(client_->secrets(), &Stub::Describe, request, described_);
  }
  Outcome rename(const std::string& from, const std::string& to, bool replace = false,
                 std::optional<std::uint64_t> expected = {}) {
    pb::RenameRequest request;
    *request.mutable_item() = item(from);
    *request.mutable_new_item() = item(to);
    request.set_replace(replace);
    if (expected) request.set_expected_version(*expected);
    return client_->call(client_->secrets(), &Stub::Rename, request);
  }
  Outcome restore(const std::string& name, std::uint64_t version,
                  std::optional<std::uint64_t> expected = {}) {
    pb::RestoreRequest request;
    *request.mutable_item() = item(name);
    request.set_version(version);
    if (expected) request.set_expected_version(*expected);
    return client_->call(client_->secrets(), &Stub::Restore, request, restored_);
  }
  Outcome history(const std::string& name, std::vector<pb::Metadata>& versions) {
    pb::HistoryRequest request;
    *request.mutable_item() = item(name);
    std::vector<pb::HistoryReply> replies;
    const Outcome outcome = client_->read_all(client_->secrets(), &Stub::History, request, replies);
    for (const auto& reply : replies) {
      versions.insert(versions.end(), reply.versions().begin(), reply.versions().end());
    }
    return outcome;
  }

  pb::SetReply stored_;
  pb::GetReply got_;
  pb::DescribeReply described_;
  pb::RestoreReply restored_;
};

TEST_F(SecretsService, GetGivesBackEverythingThatSetTook) {
  const std::int64_t before = now_ms();
  pb::SetRequest request;
  *request.mutable_item() = item("host/db", "work");
  request.set_value("value");
  auto& second = *request.mutable_attributes()->add_attributes();
  second.set_key("username");
  second.set_value("me");
  auto& first = *request.mutable_attributes()->add_attributes();
  first.set_key("kind");
  request.set_content_type("text/plain");
  request.set_expires_unix_ms(before + 3'600'000);
  ASSERT_TRUE(succeeded(set(request)));
  EXPECT_EQ(stored_.version(), 1u);

  pb::GetRequest asked;
  *asked.mutable_item() = item("host/db", "work");
  ASSERT_TRUE(succeeded(client_->call(client_->secrets(), &Stub::Get, asked, got_)));
  EXPECT_EQ(got_.value(), "value");
  const pb::Metadata& metadata = got_.metadata();
  EXPECT_EQ(metadata.item().collection(), "work");
  EXPECT_EQ(metadata.item().name(), "host/db");
  EXPECT_EQ(metadata.version(), 1u);
  ASSERT_EQ(metadata.attributes_size(), 2);
  EXPECT_EQ(metadata.attributes(0).key(), "kind") << "attributes come sorted by key";
  EXPECT_EQ(metadata.attributes(0).value(), "");
  EXPECT_EQ(metadata.attributes(1).key(), "username");
  EXPECT_EQ(metadata.attributes(1).value(), "me");
  EXPECT_EQ(metadata.content_type(), "text/plain");
  EXPECT_GE(metadata.created_unix_ms(), before);
  EXPECT_EQ(metadata.modified_unix_ms(), metadata.created_unix_ms());
  EXPECT_EQ(metadata.expires_unix_ms(), before + 3'600'000);
  EXPECT_EQ(metadata.policy(), pb::POLICY_OPEN);
  EXPECT_EQ(metadata.value_size(), 5u);
  EXPECT_FALSE(metadata.deleted());
}

TEST_F(SecretsService, DescribeTellsAllButTheValue) {
  ASSERT_TRUE(succeeded(client_->set("name", "value")));
  ASSERT_TRUE(succeeded(describe("name")));
  ASSERT_TRUE(succeeded(get("name")));
  EXPECT_EQ(described_.metadata().SerializeAsString(), got_.metadata().SerializeAsString());
  EXPECT_EQ(described_.metadata().item().collection(), "default");
}

TEST_F(SecretsService, WhatIsNotThereIsNotFound) {
  EXPECT_TRUE(failed_with(get("absent"), "NOT_FOUND"));
  EXPECT_TRUE(failed_with(describe("absent"), "NOT_FOUND"));
  EXPECT_TRUE(failed_with(client_->remove("absent"), "NOT_FOUND"));
  EXPECT_TRUE(failed_with(rename("absent", "other"), "NOT_FOUND"));
  EXPECT_TRUE(failed_with(restore("absent", 1), "NOT_FOUND"));
  std::vector<pb::Metadata> versions;
  EXPECT_TRUE(failed_with(history("absent", versions), "NOT_FOUND"));
  pb::SetRequest metadata_only;
  *metadata_only.mutable_item() = item("absent");
  metadata_only.set_content_type("text/plain");
  EXPECT_TRUE(failed_with(set(metadata_only), "NOT_FOUND"));

  ASSERT_TRUE(succeeded(client_->set("there", "value")));
  EXPECT_TRUE(failed_with(get("there", 2), "NOT_FOUND"));
  EXPECT_TRUE(failed_with(describe("there", 2), "NOT_FOUND"));
  EXPECT_TRUE(failed_with(restore("there", 2), "NOT_FOUND"));
}

TEST_F(SecretsService, MetadataChangesAloneKeepTheRest) {
  pb::SetRequest first;
  *first.mutable_item() = item("name");
  first.set_value("value");
  first.set_content_type("text/plain");
  first.set_expires_unix_ms(now_ms() + 3'600'000);
  auto& attribute = *first.mutable_attributes()->add_attributes();
  attribute.set_key("k");
  attribute.set_value("v");
  ASSERT_TRUE(succeeded(set(first)));

  pb::SetRequest second;
  *second.mutable_item() = item("name");
  second.set_content_type("application/json");
  ASSERT_TRUE(succeeded(set(second)));
  EXPECT_EQ(stored_.version(), 2u);
  ASSERT_TRUE(succeeded(get("name")));
  EXPECT_EQ(got_.value(), "value");
  EXPECT_EQ(got_.metadata().content_type(), "application/json");
  EXPECT_EQ(got_.metadata().attributes_size(), 1);
  EXPECT_EQ(got_.metadata().expires_unix_ms(), first.expires_unix_ms());

  ASSERT_TRUE(succeeded(client_->set("name", "another")));
  ASSERT_TRUE(succeeded(get("name")));
  EXPECT_EQ(got_.metadata().expires_unix_ms(), 0) << "a new value does not inherit an expiry";
  EXPECT_EQ(got_.metadata().attributes_size(), 1);
}

TEST_F(SecretsService, ExpectedVersionGuardsEveryChange) {
  pb::SetRequest request;
  *request.mutable_item() = item("name");
  request.set_value("one");
  request.set_expected_version(1);
  EXPECT_TRUE(failed_with(set(request), "VERSION_MISMATCH"));
  request.set_expected_version(0);
  ASSERT_TRUE(succeeded(set(request)));
  EXPECT_TRUE(failed_with(set(request), "ALREADY_EXISTS"));
  request.set_value("two");
  request.set_expected_version(1);
  ASSERT_TRUE(succeeded(set(request)));
  EXPECT_TRUE(failed_with(set(request), "VERSION_MISMATCH"));
  EXPECT_TRUE(failed_with(rename("name", "other", false, 1), "VERSION_MISMATCH"));
  EXPECT_TRUE(failed_with(restore("name", 1, 1), "VERSION_MISMATCH"));
  pb::DeleteRequest deletion;
  *deletion.mutable_item() = item("name");
  deletion.set_expected_version(1);
  EXPECT_TRUE(
      failed_with(client_->call(client_->secrets(), &Stub::Delete, deletion), "VERSION_MISMATCH"));
  ASSERT_TRUE(succeeded(get("name")));
  EXPECT_EQ(got_.value(), "two");
  deletion.set_expected_version(2);
  EXPECT_TRUE(succeeded(client_->call(client_->secrets(), &Stub::Delete, deletion)));
}

TEST_F(SecretsService, HistoryKeepsTenVersionsThroughADeletion) {
  for (int i = 1; i <= 12; ++i) ASSERT_TRUE(succeeded(client_->set("name", std::to_string(i))));
  std::vector<pb::Metadata> versions;
  ASSERT_TRUE(succeeded(history("name", versions)));
  ASSERT_EQ(versions.size(), 10u);
  for (std::size_t i = 0; i < versions.size(); ++i) EXPECT_EQ(versions[i].version(), 12 - i);
  EXPECT_TRUE(failed_with(get("name", 2), "NOT_FOUND"));
  ASSERT_TRUE(succeeded(get("name", 3)));
  EXPECT_EQ(got_.value(), "3");

  ASSERT_TRUE(succeeded(client_->remove("name")));
  EXPECT_TRUE(failed_with(get("name"), "NOT_FOUND"));
  EXPECT_TRUE(failed_with(client_->remove("name"), "NOT_FOUND"));
  versions.clear();
  ASSERT_TRUE(succeeded(history("name", versions)));
  ASSERT_FALSE(versions.empty());
  EXPECT_TRUE(versions.front().deleted());
  EXPECT_EQ(versions.front().version(), 13u);
}

TEST_F(SecretsService, RestoreMakesAnOldVersionTheNewest) {
  ASSERT_TRUE(succeeded(client_->set("name", "one")));
  ASSERT_TRUE(succeeded(client_->set("name", "two")));
  ASSERT_TRUE(succeeded(restore("name", 1, 2)));
  EXPECT_EQ(restored_.version(), 3u);
  ASSERT_TRUE(succeeded(get("name")));
  EXPECT_EQ(got_.value(), "one");
  EXPECT_EQ(got_.metadata().version(), 3u);
  ASSERT_TRUE(succeeded(client_->remove("name")));
  ASSERT_TRUE(succeeded(restore("name", 2)));
  ASSERT_TRUE(succeeded(get("name")));
  EXPECT_EQ(got_.value(), "two");
}

TEST_F(SecretsService, VersionsNeverRestartAfterADeletion) {
  ASSERT_TRUE(succeeded(client_->set("name", "one")));
  ASSERT_TRUE(succeeded(client_->remove("name")));
  std::uint64_t version = 0;
  ASSERT_TRUE(succeeded(client_->set("name", "two", &version)));
  EXPECT_EQ(version, 3u);
}

TEST_F(SecretsService, PurgeForgetsEveryVersion) {
  ASSERT_TRUE(succeeded(client_->set("name", "one")));
  ASSERT_TRUE(succeeded(client_->remove("name")));
  ASSERT_TRUE(succeeded(client_->remove("name", true)));
  std::vector<pb::Metadata> versions;
  EXPECT_TRUE(failed_with(history("name", versions), "NOT_FOUND"));
  EXPECT_TRUE(failed_with(restore("name", 1), "NOT_FOUND"));
  EXPECT_TRUE(failed_with(client_->remove("name", true), "NOT_FOUND"));
}

TEST_F(SecretsService, RenameTakesHistoryAlongAndReplacesOnlyWhenTold) {
  ASSERT_TRUE(succeeded(client_->set("old", "one")));
  ASSERT_TRUE(succeeded(client_->set("old", "two")));
  ASSERT_TRUE(succeeded(client_->set("taken", "other")));
  EXPECT_TRUE(failed_with(rename("old", "taken"), "ALREADY_EXISTS"));
  ASSERT_TRUE(succeeded(rename("old", "new", false, 2)));
  EXPECT_TRUE(failed_with(get("old"), "NOT_FOUND"));
  ASSERT_TRUE(succeeded(get("new", 1)));
  EXPECT_EQ(got_.value(), "one");
  EXPECT_EQ(got_.metadata().item().name(), "new") << "an old version tells where the item is now";
  ASSERT_TRUE(succeeded(rename("new", "taken", true)));
  ASSERT_TRUE(succeeded(get("taken")));
  EXPECT_EQ(got_.value(), "two");
}

TEST_F(SecretsService, ExpiryRefusesTheValueAndKeepsTheItem) {
  pb::SetRequest request;
  *request.mutable_item() = item("name");
  request.set_value("value");
  request.set_expires_unix_ms(1);
  ASSERT_TRUE(succeeded(set(request)));
  EXPECT_TRUE(failed_with(get("name"), "EXPIRED"));
  EXPECT_EQ(got_.value(), "");
  ASSERT_TRUE(succeeded(describe("name")));
  EXPECT_EQ(described_.metadata().expires_unix_ms(), 1);
  pb::SetRequest never;
  *never.mutable_item() = item("name");
  never.set_expires_unix_ms(0);
  ASSERT_TRUE(succeeded(set(never)));
  ASSERT_TRUE(succeeded(get("name")));
  EXPECT_EQ(got_.value(), "value");
}

TEST_F(SecretsService, AnExpiryEndsWithTheYear9999) {
  constexpr std::int64_t kLast = 253'402'300'799'999;
  pb::SetRequest request;
  *request.mutable_item() = item("name");
  request.set_value("value");
  request.set_expires_unix_ms(kLast);
  ASSERT_TRUE(succeeded(set(request)));
  for (const std::int64_t when : {kLast + 1, std::numeric_limits<std::int64_t>::max()}) {
    request.set_expires_unix_ms(when);
    EXPECT_TRUE(failed_with(set(request), "INVALID_ARGUMENT"));
  }
  ASSERT_TRUE(succeeded(describe("name")));
  EXPECT_EQ(described_.metadata().expires_unix_ms(), kLast);
}

TEST_F(SecretsService, EmptyCollectionMeansDefault) {
  ASSERT_TRUE(succeeded(client_->set("name", "value")));
  pb::GetRequest request;
  *request.mutable_item() = item("name", "default");
  ASSERT_TRUE(succeeded(client_->call(client_->secrets(), &Stub::Get, request, got_)));
  EXPECT_EQ(got_.value(), "value");
  *request.mutable_item() = item("name", "elsewhere");
  EXPECT_TRUE(failed_with(client_->call(client_->secrets(), &Stub::Get, request), "NOT_FOUND"));
}

}  // namespace
}  // namespace tacit::test
