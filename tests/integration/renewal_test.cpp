// Tokens, as the helper that renews them sees the daemon: this program stands in its place, by its
// path, so that it is given leases.
#include <string>
#include <vector>

#include "tests/integration/harness/daemon_test.h"

namespace tacit::test {
namespace {

constexpr std::int64_t kHour = 3'600'000;

/// Begin's stream, held open: the lease lasts as long.
class Begun {
 public:
  Begun(pb::Renewal::Stub& stub, const pb::BeginRenewalRequest& request)
      : context_(context()), reader_(stub.Begin(context_.get(), request)) {}
  ~Begun() {
    if (!finished_) give_up();
  }
  Begun(const Begun&) = delete;
  Begun& operator=(const Begun&) = delete;

  pb::RenewalLease lease() {
    pb::RenewalEvent event;
    EXPECT_TRUE(reader_->Read(&event));
    EXPECT_TRUE(event.has_lease()) << event.DebugString();
    return event.lease();
  }
  /// The version that somebody renewed it to.
  std::uint64_t renewed() {
    pb::RenewalEvent event;
    EXPECT_TRUE(reader_->Read(&event));
    EXPECT_TRUE(event.has_renewed()) << event.DebugString();
    EXPECT_TRUE(succeeded(end()));
    return event.renewed().version();
  }
  Outcome end() {
    pb::RenewalEvent event;
    while (reader_->Read(&event)) {
    }
    finished_ = true;
    return outcome_of(reader_->Finish(), *context_);
  }
  void give_up() {
    context_->TryCancel();
    (void)end();
  }

 private:
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientReader<pb::RenewalEvent>> reader_;
  bool finished_ = false;
};

class RenewalTest : public DaemonTest {
 protected:
  void SetUp() override {
    DaemonOptions own;
    own.program = TACIT_TEST_OWN_DAEMON;
    start_unlocked(own);
    renewal_ = pb::Renewal::NewStub(client_->channel());
    pb::CreateTokenRequest request = recipe("tok");
    ASSERT_TRUE(succeeded(create(request)));
  }
  static pb::CreateTokenRequest recipe(const std::string& name) {
    pb::CreateTokenRequest request;
    request.mutable_item()->set_name(name);
    request.mutable_recipe()->set_token_endpoint("https://id.example/token");
    request.mutable_recipe()->set_client_id("cli");
    return request;
  }
  Outcome create(const pb::CreateTokenRequest& request) {
    return client_->call(*renewal_, &pb::Renewal::Stub::Create, request);
  }
  Begun begin(bool may_log_in = false, bool force = false) {
    pb::BeginRenewalRequest request;
    request.mutable_item()->set_name("tok");
    request.set_may_log_in(may_log_in);
    request.set_force(force);
    return Begun(*renewal_, request);
  }
  Outcome commit(std::uint64_t lease, const std::string& access, const std::string& refresh,
                 std::int64_t lives_ms) {
    pb::CommitRenewalRequest request;
    request.set_lease(lease);
    request.set_access_token(access);
    request.set_refresh_token(refresh);
    request.set_lives_ms(lives_ms);
    return client_->call(*renewal_, &pb::Renewal::Stub::Commit, request);
  }
  Outcome sending(std::uint64_t lease) {
    pb::SendingRequest request;
    request.set_lease(lease);
    return client_->call(*renewal_, &pb::Renewal::Stub::Sending, request);
  }
  Outcome fail(std::uint64_t lease, pb::RenewalFailure failure, const std::string& message) {
    pb::FailRenewalRequest request;
    request.set_lease(lease);
    request.set_failure(failure);
    request.set_message(message);
    return client_->call(*renewal_, &pb::Renewal::Stub::Fail, request);
  }
  /// Logs in: the first tokens.
  void get_first(std::int64_t lives_ms) {
    Begun login = begin(true);
    ASSERT_TRUE(succeeded(commit(login.lease().id(), "access-1", "refresh-1", lives_ms)));
    // One that is to have run out has, by the daemon's clock.
    pb::GetReply reply;
    while (lives_ms == 1 && get(reply).ok()) {
    }
  }
  pb::TokenInfo info() {
    const auto ctx = context();
    const auto reader = renewal_->List(ctx.get(), pb::ListTokensRequest{});
    pb::TokenInfo found;
    for (pb::ListTokensReply reply; reader->Read(&reply);) {
      for (const pb::TokenInfo& token : reply.tokens()) found = token;
    }
    EXPECT_TRUE(succeeded(outcome_of(reader->Finish(), *ctx)));
    return found;
  }
  Outcome get(pb::GetReply& reply) {
    pb::GetRequest request;
    request.mutable_item()->set_name("tok");
    return client_->call(client_->secrets(), &pb::Secrets::Stub::Get, request, reply);
  }

  std::unique_ptr<pb::Renewal::Stub> renewal_;
};

TEST_F(RenewalTest, ATokenIsReadOnceItWasGot) {
  pb::GetReply reply;
  EXPECT_TRUE(failed_with(get(reply), "RENEWAL_NEEDED"));
  EXPECT_FALSE(info().has_token());
  get_first(kHour);
  ASSERT_TRUE(succeeded(get(reply)));
  EXPECT_EQ(reply.value(), "access-1");
  EXPECT_TRUE(reply.metadata().token());
  EXPECT_EQ(reply.metadata().value_size(), 8u);
  EXPECT_FALSE(reply.renewal_due());
  const pb::TokenInfo told = info();
  EXPECT_TRUE(told.has_token());
  EXPECT_TRUE(told.renewable());
  EXPECT_FALSE(told.expired());
  EXPECT_NEAR(static_cast<double>(told.expires_unix_ms() - told.obtained_unix_ms()), kHour, 1);
  EXPECT_EQ(told.recipe().client_id(), "cli");
  // What needs no renewal gets no lease.
  EXPECT_EQ(begin().renewed(), told.version());
}

TEST_F(RenewalTest, AFewCallersOneLease) {
  get_first(1);
  Begun first = begin();
  const pb::RenewalLease lease = first.lease();
  EXPECT_EQ(lease.refresh_token(), "refresh-1");
  EXPECT_EQ(lease.access_token(), "access-1");
  EXPECT_FALSE(lease.valid());
  Begun second = begin();
  Begun third = begin(true);
  ASSERT_TRUE(succeeded(sending(lease.id())));
  ASSERT_TRUE(succeeded(commit(lease.id(), "access-2", "refresh-2", kHour)));
  const std::uint64_t version = info().version();
  EXPECT_EQ(second.renewed(), version);
  EXPECT_EQ(third.renewed(), version);
  EXPECT_EQ(first.renewed(), version);
  pb::GetReply reply;
  ASSERT_TRUE(succeeded(get(reply)));
  EXPECT_EQ(reply.value(), "access-2");
}

TEST_F(RenewalTest, WhoDiesBeforeItSentAnythingHandsTheLeaseOn) {
  get_first(1);
  Begun first = begin();
  const std::uint64_t lost = first.lease().id();
  Begun second = begin();
  first.give_up();
  const pb::RenewalLease lease = second.lease();
  EXPECT_EQ(lease.refresh_token(), "refresh-1");
  EXPECT_TRUE(failed_with(commit(lost, "late", "late", kHour), "NOT_FOUND"));
  ASSERT_TRUE(succeeded(commit(lease.id(), "access-2", "refresh-2", kHour)));
}

TEST_F(RenewalTest, WhoDiesAfterItSentLeavesADoubtThatOutlivesTheDaemon) {
  get_first(1);
  {
    Begun first = begin();
    const std::uint64_t lease = first.lease().id();
    ASSERT_TRUE(succeeded(sending(lease)));
    Begun waiting = begin();
    first.give_up();
    EXPECT_TRUE(failed_with(waiting.end(), "LOGIN_NEEDED"));
  }
  daemon_->kill_hard();
  DaemonOptions own;
  own.program = TACIT_TEST_OWN_DAEMON;
  start(own);
  ASSERT_TRUE(succeeded(unlock()));
  renewal_ = pb::Renewal::NewStub(client_->channel());
  EXPECT_TRUE(info().in_doubt());
  EXPECT_FALSE(info().renewable());
  EXPECT_NE(info().last_error(), "");
  EXPECT_TRUE(failed_with(begin().end(), "LOGIN_NEEDED"));
  // A login does not see the token in doubt; being told to all the same does.
  EXPECT_EQ(begin(true).lease().refresh_token(), "");
  EXPECT_EQ(begin(false, true).lease().refresh_token(), "refresh-1");
  Begun login = begin(true);
  ASSERT_TRUE(succeeded(commit(login.lease().id(), "access-2", "refresh-2", kHour)));
  EXPECT_FALSE(info().in_doubt());
  EXPECT_TRUE(info().renewable());
  EXPECT_EQ(info().last_error(), "");
}

TEST_F(RenewalTest, ADoubtOutlivesWhatIsNotAboutItsRefreshToken) {
  get_first(1);
  {
    Begun first = begin();
    ASSERT_TRUE(succeeded(sending(first.lease().id())));
  }
  for (const pb::RenewalFailure failure :
       {pb::RENEWAL_FAILURE_RETRY, pb::RENEWAL_FAILURE_LOGIN, pb::RENEWAL_FAILURE_DENIED}) {
    Begun login = begin(true);
    const pb::RenewalLease lease = login.lease();
    EXPECT_EQ(lease.refresh_token(), "");
    ASSERT_TRUE(succeeded(fail(lease.id(), failure, "nobody logged in")));
    EXPECT_TRUE(info().in_doubt()) << failure;
  }
  EXPECT_TRUE(failed_with(begin().end(), "LOGIN_NEEDED"));
  // Sent again as it was told to, and not taken: the first time it may have been.
  Begun forced = begin(false, true);
  const pb::RenewalLease lease = forced.lease();
  EXPECT_EQ(lease.refresh_token(), "refresh-1");
  ASSERT_TRUE(succeeded(sending(lease.id())));
  ASSERT_TRUE(succeeded(fail(lease.id(), pb::RENEWAL_FAILURE_RETRY, "the server answers 503")));
  EXPECT_TRUE(info().in_doubt());
}

TEST_F(RenewalTest, AFailureIsToldToAllAndKept) {
  get_first(1);
  Begun first = begin();
  const std::uint64_t lease = first.lease().id();
  Begun second = begin();
  ASSERT_TRUE(succeeded(fail(lease, pb::RENEWAL_FAILURE_RETRY, "the server answers 503")));
  EXPECT_TRUE(failed_with(second.end(), "RENEWAL_FAILED"));
  EXPECT_TRUE(failed_with(first.end(), "RENEWAL_FAILED"));
  EXPECT_EQ(info().last_error(), "the server answers 503");
  EXPECT_TRUE(failed_with(begin().end(), "RENEWAL_FAILED")) << "it failed a moment ago";
  EXPECT_EQ(begin(false, true).lease().refresh_token(), "refresh-1");
}

TEST_F(RenewalTest, ARefusedRefreshTokenIsNotSentAgain) {
  get_first(1);
  Begun first = begin();
  ASSERT_TRUE(succeeded(fail(first.lease().id(), pb::RENEWAL_FAILURE_LOGIN, "invalid_grant")));
  EXPECT_TRUE(failed_with(begin().end(), "LOGIN_NEEDED"));
  EXPECT_TRUE(failed_with(begin(false, true).end(), "LOGIN_NEEDED"));
  EXPECT_EQ(begin(true).lease().refresh_token(), "");
}

TEST_F(RenewalTest, WhatIsNotChangedByRenewalIsRefused) {
  get_first(kHour);
  pb::SetRequest set;
  set.mutable_item()->set_name("tok");
  set.set_value("plain");
  EXPECT_TRUE(
      failed_with(client_->call(client_->secrets(), &pb::Secrets::Stub::Set, set), "IS_TOKEN"));
  pb::ApplyRequest apply;
  *apply.add_changes()->mutable_set() = set;
  EXPECT_TRUE(
      failed_with(client_->call(client_->secrets(), &pb::Secrets::Stub::Apply, apply), "IS_TOKEN"));
  pb::RestoreRequest restore;
  restore.mutable_item()->set_name("tok");
  restore.set_version(1);
  EXPECT_TRUE(failed_with(client_->call(client_->secrets(), &pb::Secrets::Stub::Restore, restore),
                          "IS_TOKEN"));
  set.mutable_item()->set_name("other");
  set.set_content_type("application/vnd.tacit.token");
  EXPECT_TRUE(failed_with(client_->call(client_->secrets(), &pb::Secrets::Stub::Set, set),
                          "INVALID_ARGUMENT"));
  set.clear_content_type();
  ASSERT_TRUE(succeeded(client_->call(client_->secrets(), &pb::Secrets::Stub::Set, set)));
  EXPECT_TRUE(failed_with(create(recipe("other")), "ALREADY_EXISTS"));
  pb::CreateTokenRequest over = recipe("other");
  over.set_replace(true);
  EXPECT_TRUE(failed_with(create(over), "NOT_TOKEN"));
  EXPECT_TRUE(failed_with(create(recipe("tok")), "ALREADY_EXISTS"));
  // Deleted, its name is free; what it was cannot be brought back.
  pb::DeleteRequest remove;
  remove.mutable_item()->set_name("tok");
  ASSERT_TRUE(succeeded(client_->call(client_->secrets(), &pb::Secrets::Stub::Delete, remove)));
  EXPECT_EQ(info().item().name(), "");
  EXPECT_TRUE(failed_with(client_->call(client_->secrets(), &pb::Secrets::Stub::Restore, restore),
                          "IS_TOKEN"));
  set.mutable_item()->set_name("tok");
  ASSERT_TRUE(succeeded(client_->call(client_->secrets(), &pb::Secrets::Stub::Set, set)));
}

TEST_F(RenewalTest, RecipesThatCannotBeRightAreRefused) {
  for (const std::string url : {"ftp://id.example/token", "id.example", "https://a b/",
                                "https://id.example\\@evil.example/"}) {
    pb::CreateTokenRequest request = recipe("bad");
    request.mutable_recipe()->set_token_endpoint(url);
    EXPECT_TRUE(failed_with(create(request), "INVALID_ARGUMENT")) << url;
  }
  pb::CreateTokenRequest relative = recipe("bad");
  relative.mutable_recipe()->set_ca_file("ca.pem");
  EXPECT_TRUE(failed_with(create(relative), "INVALID_ARGUMENT"));
  pb::CreateTokenRequest none = recipe("bad");
  none.mutable_recipe()->clear_token_endpoint();
  EXPECT_TRUE(failed_with(create(none), "INVALID_ARGUMENT"));
  pb::CreateTokenRequest huge = recipe("bad");
  for (int i = 0; i < 64; ++i) huge.mutable_recipe()->add_scopes(std::string(1000, 's'));
  EXPECT_TRUE(failed_with(create(huge), "INVALID_ARGUMENT"));
}

TEST_F(RenewalTest, ALockEndsARenewal) {
  get_first(1);
  Begun first = begin();
  const std::uint64_t lease = first.lease().id();
  ASSERT_TRUE(
      succeeded(client_->call(client_->session(), &pb::Session::Stub::Lock, pb::LockRequest{})));
  EXPECT_FALSE(first.end().ok());
  client_ = connect();
  renewal_ = pb::Renewal::NewStub(client_->channel());
  EXPECT_TRUE(failed_with(commit(lease, "access-2", "refresh-2", kHour), "LOCKED"));
  ASSERT_TRUE(succeeded(unlock()));
  EXPECT_TRUE(failed_with(commit(lease, "access-2", "refresh-2", kHour), "NOT_FOUND"));
  EXPECT_EQ(begin().lease().refresh_token(), "refresh-1");
}

TEST_F(RenewalTest, ALogInNeedsSomebodyToShowItTo) {
  Begun login = begin(true);
  pb::ShowLoginRequest show;
  show.set_lease(login.lease().id());
  show.set_verification_uri("https://id.example/device");
  show.set_user_code("ABCD-EFGH");
  pb::ShowLoginReply reply;
  ASSERT_TRUE(succeeded(client_->call(*renewal_, &pb::Renewal::Stub::ShowLogin, show, reply)));
  EXPECT_EQ(reply.shown(), pb::LOGIN_SHOWN_NOWHERE);
}

}  // namespace
}  // namespace tacit::test
