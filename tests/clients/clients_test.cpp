// Stock gRPC clients of other languages against a real daemon, each in a process of its own.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/integration/harness/daemon_test.h"

namespace tacit::test {
namespace {

class Clients : public DaemonTest {
 protected:
  void SetUp() override { start(); }
  void passes(const std::vector<std::string>& argv,
              const std::map<std::string, std::string>& environment) {
    const Exit exit = run(argv, environment);
    EXPECT_EQ(exit.code, 0) << exit.errors;
    EXPECT_EQ(client_->state(), pb::VAULT_STATE_LOCKED) << "the conversation ends with a lock";
  }
};

TEST_F(Clients, Python) {
  passes({"/usr/bin/python3", "-B", TACIT_TEST_CLIENTS "/python/client_test.py",
          TACIT_TEST_PYTHON_STUBS, home_.socket()},
         {{"PATH", "/usr/bin:/bin"}, {"LANG", "C.UTF-8"}, {"HOME", home_.path()}});
}

TEST_F(Clients, Node) {
  ASSERT_TRUE(std::filesystem::exists(TACIT_TEST_NODE_PACKAGES "/@grpc/grpc-js"))
      << "run packaging/deps test first";
  passes({TACIT_TEST_NODE, "--test", TACIT_TEST_CLIENTS "/node/client.test.js"},
         {{"PATH", "/usr/bin:/bin"},
          {"HOME", home_.path()},
          {"NODE_PATH", TACIT_TEST_NODE_PACKAGES},
          {"TACIT_TEST_PROTO", TACIT_TEST_CLIENTS "/../../proto"},
          {"TACIT_TEST_SOCKET", home_.socket()}});
}

TEST_F(Clients, ExamplesReadASecretAndTellAReason) {
  create_vault();
  ASSERT_TRUE(succeeded(client_->set("demo", "what the examples read")));
  const std::vector<std::vector<std::string>> examples = {
      {TACIT_TEST_GRPC_GET},
      {"/usr/bin/python3", "-B", TACIT_TEST_CLIENTS "/../../client/examples/grpc_get.py"}};
  const std::map<std::string, std::string> environment = {{"PATH", "/usr/bin:/bin"},
                                                          {"LANG", "C.UTF-8"},
                                                          {"HOME", home_.path()},
                                                          {"PYTHONPATH", TACIT_TEST_PYTHON_STUBS}};
  for (auto example : examples) {
    example.insert(example.end(), {home_.socket(), "demo"});
    const Exit found = run(example, environment);
    EXPECT_EQ(found.code, 0);
    EXPECT_EQ(found.errors, "what the examples read");
    example.back() = "absent";
    const Exit missing = run(example, environment);
    EXPECT_EQ(missing.code, 1);
    EXPECT_THAT(missing.errors, testing::HasSubstr("(NOT_FOUND, "));
  }
}

TEST_F(Clients, GrpcCpp) {
  EXPECT_EQ(client_->state(), pb::VAULT_STATE_NONE);
  EXPECT_TRUE(failed_with(client_->get("name"), "NO_VAULT"));
  pb::CreateRequest create;
  *create.add_credentials() = passphrase("correct horse");
  create.set_with_recovery_key(true);
  pb::CreateReply created;
  ASSERT_TRUE(succeeded(client_->create(create, &created)));
  EXPECT_FALSE(created.recovery_key().empty());
  ASSERT_TRUE(succeeded(client_->lock()));
  EXPECT_TRUE(failed_with(client_->get("name"), "LOCKED"));
  EXPECT_TRUE(failed_with(client_->unlock(passphrase("wrong")), "WRONG_CREDENTIAL"));
  ASSERT_TRUE(succeeded(client_->unlock(passphrase("correct horse"))));

  const auto ctx = context();
  const auto watch = client_->secrets().Watch(ctx.get(), {});
  pb::WatchReply change;
  ASSERT_TRUE(watch->Read(&change));
  EXPECT_EQ(change.kind(), pb::CHANGE_KIND_READY);
  const std::string value = random_bytes(1000);
  ASSERT_TRUE(succeeded(client_->set("name", value)));
  ASSERT_TRUE(watch->Read(&change));
  EXPECT_EQ(change.item().name(), "name");
  std::string got;
  ASSERT_TRUE(succeeded(client_->get("name", &got)));
  EXPECT_EQ(got, value);
  std::vector<pb::ListReply> replies;
  ASSERT_TRUE(succeeded(
      client_->read_all(client_->secrets(), &pb::Secrets::Stub::List, pb::ListRequest{}, replies)));
  ASSERT_EQ(replies.size(), 1u);
  EXPECT_EQ(replies[0].items(0).item().name(), "name");
  EXPECT_TRUE(failed_with(client_->get("absent"), "NOT_FOUND"));
  ASSERT_TRUE(succeeded(client_->lock()));
  EXPECT_FALSE(watch->Read(&change));
  EXPECT_TRUE(failed_with(outcome_of(watch->Finish(), *ctx), "LOCKED"));
}

}  // namespace
}  // namespace tacit::test
