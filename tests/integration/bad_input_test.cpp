// What a client may and may not send: names, values, attributes, sizes.
#include <string>
#include <vector>

#include "tests/integration/harness/daemon_test.h"

namespace tacit::test {
namespace {

using Stub = pb::Secrets::Stub;
constexpr std::size_t kLargestValue = 768 * 1024;

class BadInput : public DaemonTest {
 protected:
  void SetUp() override { start_unlocked(); }
  /// The daemon still serves after what was thrown at it.
  void TearDown() override {
    if (!client_) return;
    ASSERT_TRUE(succeeded(client_->set("after", "all")));
    ASSERT_TRUE(succeeded(client_->get("after")));
  }
};

TEST_F(BadInput, NamesAreRefusedByEveryCallThatTakesOne) {
  const std::vector<std::string> names = {"",
                                          std::string(1025, 'n'),
                                          std::string("nu\0l", 4),
                                          "\xff\xfe",
                                          "half\xc3",
                                          "\xed\xa0\x80" /* a surrogate */,
                                          "\xc0\xaf" /* overlong */};
  auto& secrets = client_->secrets();
  for (const auto& name : names) {
    pb::ItemRef bad;
    bad.set_name(name);
    pb::ItemRef good;
    good.set_name("good");
    pb::GetRequest get;
    *get.mutable_item() = bad;
    EXPECT_TRUE(failed_with(client_->call(secrets, &Stub::Get, get), "INVALID_ARGUMENT"));
    pb::DescribeRequest describe;
    *describe.mutable_item() = bad;
    EXPECT_TRUE(failed_with(client_->call(secrets, &Stub::Describe, describe), "INVALID_ARGUMENT"));
    pb::SetRequest set;
    *set.mutable_item() = bad;
    set.set_value("value");
    EXPECT_TRUE(failed_with(client_->call(secrets, &Stub::Set, set), "INVALID_ARGUMENT"));
    pb::DeleteRequest remove;
    *remove.mutable_item() = bad;
    EXPECT_TRUE(failed_with(client_->call(secrets, &Stub::Delete, remove), "INVALID_ARGUMENT"));
    pb::RenameRequest rename;
    *rename.mutable_item() = bad;
    *rename.mutable_new_item() = good;
    EXPECT_TRUE(failed_with(client_->call(secrets, &Stub::Rename, rename), "INVALID_ARGUMENT"));
    *rename.mutable_item() = good;
    *rename.mutable_new_item() = bad;
    EXPECT_TRUE(failed_with(client_->call(secrets, &Stub::Rename, rename), "INVALID_ARGUMENT"));
    pb::RestoreRequest restore;
    *restore.mutable_item() = bad;
    restore.set_version(1);
    EXPECT_TRUE(failed_with(client_->call(secrets, &Stub::Restore, restore), "INVALID_ARGUMENT"));
    pb::HistoryRequest history;
    *history.mutable_item() = bad;
    std::vector<pb::HistoryReply> replies;
    EXPECT_TRUE(failed_with(client_->read_all(secrets, &Stub::History, history, replies),
                            "INVALID_ARGUMENT"));
  }
}

TEST_F(BadInput, CollectionsAreHeldToTheSameRules) {
  for (const std::string& collection :
       {std::string(1025, 'c'), std::string("nu\0l", 4), std::string("\xff\xfe")}) {
    pb::SetRequest set;
    set.mutable_item()->set_collection(collection);
    set.mutable_item()->set_name("name");
    set.set_value("value");
    EXPECT_TRUE(
        failed_with(client_->call(client_->secrets(), &Stub::Set, set), "INVALID_ARGUMENT"));
    pb::ListRequest list;
    list.set_collection(collection);
    std::vector<pb::ListReply> replies;
    EXPECT_TRUE(failed_with(client_->read_all(client_->secrets(), &Stub::List, list, replies),
                            "INVALID_ARGUMENT"));
  }
}

TEST_F(BadInput, ARequestWithoutAnItemIsInvalid) {
  EXPECT_TRUE(failed_with(client_->call(client_->secrets(), &Stub::Get, pb::GetRequest{}),
                          "INVALID_ARGUMENT"));
  EXPECT_TRUE(failed_with(client_->call(client_->secrets(), &Stub::Set, pb::SetRequest{}),
                          "INVALID_ARGUMENT"));
}

TEST_F(BadInput, TheLongestAndStrangestNamesWork) {
  const std::vector<std::string> names = {std::string(1024, 'n'),
                                          "\n",
                                          " ",
                                          "../../etc/passwd",
                                          "tacit://default/x",
                                          "a=b",
                                          "%00",
                                          "\xf0\x9f\x94\x91",
                                          "\x01\x7f",
                                          "'; DROP TABLE item; --",
                                          std::string(341, 'x') + "\xe2\x82\xac"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    ASSERT_TRUE(succeeded(client_->set(names[i], std::to_string(i)))) << names[i];
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::string value;
    ASSERT_TRUE(succeeded(client_->get(names[i], &value))) << names[i];
    EXPECT_EQ(value, std::to_string(i));
  }
}

TEST_F(BadInput, EveryByteComesBack) {
  std::string bytes;
  for (int round = 0; round < 2; ++round) {
    for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
  }
  ASSERT_TRUE(succeeded(client_->set("bytes", bytes)));
  for (int byte = 0; byte < 256; ++byte) {
    ASSERT_TRUE(succeeded(
        client_->set("byte" + std::to_string(byte), std::string(1, static_cast<char>(byte)))));
  }
  restart();
  ASSERT_TRUE(succeeded(unlock()));
  std::string value;
  ASSERT_TRUE(succeeded(client_->get("bytes", &value)));
  EXPECT_EQ(value, bytes);
  for (int byte = 0; byte < 256; ++byte) {
    ASSERT_TRUE(succeeded(client_->get("byte" + std::to_string(byte), &value)));
    EXPECT_EQ(value, std::string(1, static_cast<char>(byte)));
  }
}

TEST_F(BadInput, ValuesFromNothingToTheLargest) {
  // Round sizes and their neighbours: where padding and framing change.
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{63}, std::size_t{64}, std::size_t{4095},
        std::size_t{4096}, std::size_t{4097}, std::size_t{16383}, std::size_t{65536},
        std::size_t{500'000}, kLargestValue - 1, kLargestValue}) {
    const std::string stored = random_bytes(size);
    ASSERT_TRUE(succeeded(client_->set("name", stored))) << size;
    std::string value = "not nothing";
    ASSERT_TRUE(succeeded(client_->get("name", &value))) << size;
    EXPECT_TRUE(value == stored) << size;
  }
}

TEST_F(BadInput, OneByteMoreIsTooLargeAndChangesNothing) {
  ASSERT_TRUE(succeeded(client_->set("name", "value")));
  EXPECT_TRUE(
      failed_with(client_->set("name", std::string(kLargestValue + 1, 'v')), "VALUE_TOO_LARGE"));
  std::string value;
  ASSERT_TRUE(succeeded(client_->get("name", &value)));
  EXPECT_EQ(value, "value");
}

TEST_F(BadInput, AMessageOverAMebibyteIsRefusedWithTheReason) {
  for (const std::size_t size : {std::size_t{1} << 20, std::size_t{2'000'000}}) {
    const Outcome outcome = client_->set("name", std::string(size, 'v'));
    EXPECT_TRUE(failed_with(outcome, "VALUE_TOO_LARGE")) << size << outcome;
    EXPECT_EQ(outcome.code, grpc::StatusCode::INVALID_ARGUMENT) << size;
  }
  // Far beyond, gRPC does not even read it.
  const Outcome outcome = client_->set("name", std::string(5'000'000, 'v'));
  EXPECT_EQ(outcome.code, grpc::StatusCode::RESOURCE_EXHAUSTED) << outcome;
  EXPECT_TRUE(failed_with(client_->get("name"), "NOT_FOUND"));
}

TEST_F(BadInput, MetadataOverEightKibibytesIsRefused) {
  const auto ctx = context();
  ctx->AddMetadata("padding", std::string(9 * 1024, 'm'));
  pb::StatusReply reply;
  // gRPC ends the whole connection for it; others go on.
  EXPECT_FALSE(connect()->session().Status(ctx.get(), {}, &reply).ok());
}

TEST_F(BadInput, AttributesAreBounded) {
  const auto with_attributes = [&](const std::vector<std::pair<std::string, std::string>>& list) {
    pb::SetRequest request;
    request.mutable_item()->set_name("name");
    request.set_value("value");
    request.mutable_attributes();
    for (const auto& [key, value] : list) {
      auto& attribute = *request.mutable_attributes()->add_attributes();
      attribute.set_key(key);
      attribute.set_value(value);
    }
    return client_->call(client_->secrets(), &Stub::Set, request);
  };
  std::vector<std::pair<std::string, std::string>> most;
  for (int i = 0; i < 64; ++i) most.emplace_back("key" + std::to_string(i), "v");
  EXPECT_TRUE(succeeded(with_attributes(most)));
  most.emplace_back("one more", "v");
  EXPECT_TRUE(failed_with(with_attributes(most), "INVALID_ARGUMENT"));
  EXPECT_TRUE(succeeded(with_attributes({{std::string(256, 'k'), std::string(1024, 'v')}})));
  EXPECT_TRUE(failed_with(with_attributes({{"", "v"}}), "INVALID_ARGUMENT"));
  EXPECT_TRUE(failed_with(with_attributes({{std::string(257, 'k'), "v"}}), "INVALID_ARGUMENT"));
  EXPECT_TRUE(failed_with(with_attributes({{"k", std::string(1025, 'v')}}), "INVALID_ARGUMENT"));
  EXPECT_TRUE(failed_with(with_attributes({{"k", "1"}, {"k", "2"}}), "INVALID_ARGUMENT"));
  EXPECT_TRUE(failed_with(with_attributes({{std::string("\0", 1), "v"}}), "INVALID_ARGUMENT"));
  EXPECT_TRUE(failed_with(with_attributes({{"k", "\xff"}}), "INVALID_ARGUMENT"));
}

TEST_F(BadInput, ContentTypeIsBounded) {
  pb::SetRequest request;
  request.mutable_item()->set_name("name");
  request.set_value("value");
  request.set_content_type(std::string(255, 't'));
  EXPECT_TRUE(succeeded(client_->call(client_->secrets(), &Stub::Set, request)));
  request.set_content_type(std::string(256, 't'));
  EXPECT_TRUE(
      failed_with(client_->call(client_->secrets(), &Stub::Set, request), "INVALID_ARGUMENT"));
}

TEST_F(BadInput, AnUnknownMethodIsUnimplemented) {
  EXPECT_EQ(client_->call_bytes("/tacit.v1.Secrets/Nonsense", "").code,
            grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(client_->call_bytes("/other.Service/Get", "").code, grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(BadInput, ABodyThatIsNoMessageIsRefused) {
  const Outcome outcome = client_->call_bytes("/tacit.v1.Secrets/Get", "\xff\xff\xff\xff garbage");
  EXPECT_TRUE(failed_with(outcome, "INVALID_ARGUMENT"));
  EXPECT_EQ(outcome.message.find("garbage"), std::string::npos);
}

}  // namespace
}  // namespace tacit::test
